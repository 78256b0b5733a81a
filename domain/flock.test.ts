import { expect, it } from 'vitest'
import { type BookEntry, balance } from './flock.ts'

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const common = { day: '2026-06-01', at: 0 }

it('adds up, leaves out what was replaced or withdrawn, and may go negative to show wrong books', () => {
  const entries: BookEntry[] = [
    { ...common, id: id(1), kind: 'died', birds: 1000 },
    { ...common, id: id(2), kind: 'died', birds: 10, replaces: id(1) },
    { ...common, id: id(3), kind: 'culled', birds: 5 },
    { ...common, id: id(4), kind: 'moved', birds: -200 },
    { ...common, id: id(5), kind: 'sold', birds: 3000 },
    { ...common, id: id(6), kind: 'feed', kg: 1200.5 },
    { ...common, id: id(7), kind: 'feed', kg: 800 },
    { ...common, id: id(8), kind: 'withdrawn', replaces: id(7) },
    { ...common, id: id(9), kind: 'placed', birds: 100 },
  ]
  expect(balance(20_000, entries)).toEqual({
    placed: 20_100,
    died: 10,
    culled: 5,
    moved: -200,
    sold: 3000,
    present: 16_885,
    feedKg: 1200.5,
  })
  expect(balance(1, [{ ...common, id: id(1), kind: 'died', birds: 2 }]).present).toBe(-1)
})
