import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Reading } from '#domain/reading.ts'
import { HOUR, MINUTE, SECOND } from '#domain/time.ts'
import { openDatabase } from '#sqlite-file/database.ts'
import type { EdgeStore } from './edge-store.ts'
import { openEdgeStore } from './open-edge-store.ts'
import { edgeMigrations } from './store-layout.ts'
import { openTidying } from './tidying.ts'

const T0 = Date.UTC(2026, 5, 1)
const readings = (from: number, count: number): Reading[] =>
  Array.from({ length: count }, (_, index) => ({
    series: { house: 'h1', device: 'd1', metric: 'air.temperature', source: 'sensor', by: '' },
    t: T0 + from + index,
    value: 20,
    quality: 'good',
  }))
const clock = { boot: '0123456789abcdef', offsetMs: 5 }
const sealAll = async (store: EdgeStore) => {
  while ((await store.tidy({ sealAll: true })) === 'more');
}
const kinds = (store: EdgeStore) => {
  const found: [from: number, to: number, kind: string][] = []
  for (let after = 0; ; ) {
    const piece = store.readingsAfter(after, 1_000_000)
    if (!piece) return found
    found.push([piece.from, piece.to, piece.body.kind])
    after = piece.to
  }
}

let store: EdgeStore
beforeEach(() => {
  store = openEdgeStore(openDatabase(':memory:', edgeMigrations))
})
afterEach(() => store.close())

describe('sealing', () => {
  it('stops at what the cloud has, and where there is enough', async () => {
    for (let from = 0; from < 40; from += 10)
      store.commit({ readings: readings(from, 10), events: [], clock })
    store.setNote('watermark.readings', '20')
    await sealAll(store)
    // What the cloud does not have yet is left for the next time.
    expect(kinds(store)).toEqual([
      [1, 20, 'sealed'],
      [21, 40, 'fresh'],
    ])
    store.setNote('watermark.readings', '0')
    for (let from = 40; from < 45_040; from += 500)
      store.commit({ readings: readings(from, 500), events: [], clock })
    while ((await store.tidy({ sealAll: false })) === 'more');
    expect(kinds(store).slice(1)).toEqual([
      [21, 20_040, 'sealed'],
      [20_041, 40_040, 'sealed'],
      [40_041, 45_040, 'fresh'],
    ])
    expect(store.freshReadings()).toBe(5_000)
  })

  it('takes commits, corrections and pieces set aside meanwhile', async () => {
    for (let from = 0; from < 3_000; from += 10)
      store.commit({ readings: readings(from, 10), events: [], clock })
    const first = store.tidy({ sealAll: true })
    store.commit({ readings: readings(3_000, 5), events: [], clock })
    await first
    expect(kinds(store).at(0)?.[0]).toBe(1)
    expect(kinds(store).at(-1)?.[1]).toBe(3_005)
    const second = store.tidy({ sealAll: true })
    store.moveReadings({ ...clock, byMs: 1_000_000 })
    await second
    await sealAll(store)
    const { series } = readings(0, 1)[0] as Reading
    expect(store.readingsBetween(series, 0, T0 + 1_000_000)).toEqual([])
    expect(store.readingsBetween(series, T0, T0 + 2_000_000)).toHaveLength(3_005)
    expect(store.latest('h1')[0]?.t).toBe(T0 + 1_003_004)
    expect(store.corrections()).toEqual([{ ...clock, byMs: 1_000_000, inPlace: 0, again: 3_005 }])
  })

  it('leaves a piece that is set aside apart from others, and keeps it', async () => {
    for (let from = 0; from < 30; from += 10) store.commit({ readings: readings(from, 10), events: [] })
    const sealing = store.tidy({ sealAll: true })
    expect(store.setPieceAside({ from: 11, to: 20 }, 'cannot be read')).toBe(true)
    expect(store.setPieceAside({ from: 21, to: 25 }, 'no piece')).toBe(false)
    await sealing
    await sealAll(store)
    expect(kinds(store)).toEqual([
      [1, 10, 'sealed'],
      [11, 20, 'fresh'],
      [21, 30, 'sealed'],
    ])
    expect(store.readingsAfter(10, 1)).toMatchObject({ from: 11, to: 20, count: 0, aside: 10 })
    expect(store.setPieceAside({ from: 1, to: 20 }, 'no piece')).toBe(false)
    expect(store.setPieceAside({ from: 21, to: 30 }, 'that too')).toBe(true)
    expect(store.piecesAside()).toEqual([
      { from: 11, to: 20, why: 'cannot be read' },
      { from: 21, to: 30, why: 'that too' },
    ])
    expect(store.readingsBetween((readings(0, 1)[0] as Reading).series, 0, T0 + 100)).toHaveLength(30)
  })
})

describe('tidying', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('seals what is few after an hour', async () => {
    store.commit({ readings: readings(0, 10), events: [] })
    const tidying = openTidying({ store, monotonic: () => performance.now(), onFailed: () => {} })
    await vi.advanceTimersByTimeAsync(HOUR - 10 * SECOND)
    expect(store.freshReadings()).toBe(10)
    await vi.advanceTimersByTimeAsync(20 * SECOND)
    await tidying.close()
    expect(store.freshReadings()).toBe(0)
  })

  it('tries again after a minute where the store takes nothing', async () => {
    const told: unknown[] = []
    const down = { ...store, tidy: () => Promise.reject(new Error('disk full')) }
    const tidying = openTidying({
      store: down,
      monotonic: () => performance.now(),
      onFailed: (error) => told.push(error),
    })
    await vi.advanceTimersByTimeAsync(3 * MINUTE + 5 * SECOND)
    await tidying.close()
    expect(told).toHaveLength(4)
  })
})
