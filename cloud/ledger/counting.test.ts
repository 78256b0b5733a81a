import { afterEach, beforeEach, expect, it } from 'vitest'
import type { LedgerStatement, StreamDay } from '#domain/ledger.ts'
import { type Embedded, openEmbedded } from '../embedded/open-embedded.ts'
import { createCounting } from './counting.ts'

const stream = (device: string): StreamDay => ({
  ...{ house: 'h1', device, metric: 'air.temperature', source: 'sensor', by: '' },
  ...{ measured: 2, duplicate: 0, thinned: 0, replaced: 0, aside: 0, acknowledged: 2 },
})
const statement = (devices: readonly string[]): LedgerStatement => ({
  ...{ at: 1, day: '2026-06-01', longestOfflineMs: 0, damaged: 0, streams: devices.map(stream) },
  numbers: { epoch: '0'.repeat(16), stored: 2, sent: 2, acknowledged: 2 },
})

let stores: Embedded
let now: number
/** Devices whose readings the store cannot read now. */
let broken: Set<string>
let asked: number
beforeEach(() => {
  stores = openEmbedded(':memory:')
  now = Date.UTC(2026, 5, 2)
  broken = new Set()
  asked = 0
})
afterEach(() => stores.close())

const open = () =>
  createCounting(
    stores.ledger,
    {
      times: async (_farm, { device }) => {
        asked++
        if (broken.has(device)) throw new Error(`cannot read ${device}`)
        return { times: [1, 2] }
      },
    },
    { now: () => now },
  )
const counted = async (edge: string) =>
  (await stores.ledger.read(edge, '2026-01-01', '2026-12-31')).streams.map(({ device, inCloud }) => [
    device,
    inCloud,
  ])

it('counts everybody else when one cannot be counted, and that one when it can be', async () => {
  broken.add('bad')
  await stores.ledger.say({ id: 'edge-a', farm: 'north' }, statement(['bad', 'good']), now)
  await stores.ledger.say({ id: 'edge-b', farm: 'south' }, statement(['x']), now)
  const counting = open()
  await expect(counting.run()).rejects.toThrow('cannot read bad')
  expect(await counted('edge-a')).toEqual([
    ['bad', null],
    ['good', 2],
  ])
  expect(await counted('edge-b')).toEqual([['x', 2]])
  broken.clear()
  await counting.run()
  expect((await counted('edge-a'))[0]).toEqual(['bad', 2])
})

it('does not ask a store that is down for everything, and lets no failure stand before the rest', async () => {
  const devices = Array.from({ length: 120 }, (_, index) => `d${index}`)
  await stores.ledger.say({ id: 'edge-a', farm: 'north' }, statement(devices), now)
  broken = new Set(devices.slice(0, 60))
  const counting = open()
  await expect(counting.run()).rejects.toThrow('cannot read')
  expect(asked).toBeLessThan(60)
  for (let run = 0; run < 20; run++) await counting.run().catch(() => {})
  expect((await counted('edge-a')).filter(([, inCloud]) => inCloud === 2)).toHaveLength(60)
})

it('counts again what was counted long ago, and shows the last count meanwhile', async () => {
  await stores.ledger.say({ id: 'edge-a', farm: 'north' }, statement(['x']), now)
  const counting = open()
  await counting.run()
  await stores.ledger.countAgain('edge-a', '2026-06-01', '2026-06-01', now)
  await counting.run()
  expect(asked).toBe(1)
  now += 1
  await stores.ledger.countAgain('edge-a', '2026-06-01', '2026-06-01', now)
  expect(await counted('edge-a')).toEqual([['x', 2]])
  await counting.run()
  expect(asked).toBe(2)
})
