import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readingsOf } from '#domain/columns/runs.ts'
import type { Reading } from '#domain/reading.ts'
import { DAY } from '#domain/time.ts'
import { openDatabase } from '#sqlite-file/database.ts'
import type { EdgeStore } from './edge-store.ts'
import { openEdgeStore } from './open-edge-store.ts'
import { unpackSealed } from './sealed-body.ts'
import { edgeMigrations } from './store-layout.ts'

const T0 = Date.UTC(2026, 5, 1)
const series = { house: 'h1', device: 'd1', metric: 'air.temperature', source: 'sensor', by: '' } as const
const at = (t: number, value: number): Reading => ({ series, t, value, quality: 'good' })
const boot = '0123456789abcdef'

let store: EdgeStore
let cloud: Map<number, number>
let taken: number
beforeEach(() => {
  store = openEdgeStore(openDatabase(':memory:', edgeMigrations))
  cloud = new Map()
  taken = 0
})
afterEach(() => store.close())

const commit = (offsetMs: number, ...readings: Reading[]) =>
  store.commit({ readings, events: [], clock: { boot, offsetMs } })
const tidy = async (sealAll = false) => {
  while ((await store.tidy({ sealAll })) === 'more');
}
/** What a cloud makes of so many of the pieces: of two at one time the first stands. */
const sync = (most = Number.POSITIVE_INFINITY) => {
  for (let count = 0; count < most; count++) {
    const piece = store.readingsAfter(taken, 3)
    if (!piece) return
    const { body, from, to, movedByMs } = piece
    const runs = body.kind === 'sealed' ? unpackSealed(body.bytes, to - from + 1) : body.runs
    const readings = runs.flatMap(readingsOf)
    if (movedByMs !== 0) for (const { t } of readings) cloud.delete(t - movedByMs)
    for (const { t, value } of readings) if (!cloud.has(t)) cloud.set(t, value)
    taken = to
    store.setNote('watermark.readings', String(taken))
  }
}
const stored = () =>
  store.readingsBetween(series, 0, Number.MAX_SAFE_INTEGER).map(({ t, value }) => [t, value])
const inCloud = () => [...cloud].sort(([a], [b]) => a - b)

describe('a reading that was sent at a wrong time', () => {
  it.each([
    ['stands nowhere else', [], [[T0 + DAY, 20]]],
    ['came again at its true time', [at(T0 + DAY, 20)], [[T0 + DAY, 20]]],
    [
      'meets another value at its true time',
      [at(T0 + DAY, 21)],
      [
        [T0 + DAY, 21],
        [T0 + DAY + 1, 20],
      ],
    ],
  ])('goes from the cloud where it %s', async (_, meanwhile, right) => {
    commit(0, at(T0, 20))
    sync()
    store.moveReadings({ boot, offsetMs: 0, byMs: DAY })
    commit(DAY, ...meanwhile)
    await tidy()
    sync()
    expect(inCloud()).toEqual(right)
    expect(stored()).toEqual(right)
    expect(store.freshReadings()).toBeGreaterThan(0)
    await tidy(true)
    expect(stored()).toEqual(right)
  })

  it('goes where the clock was wrong twice and the cloud heard only of the first time', async () => {
    commit(0, at(T0, 20))
    sync()
    store.moveReadings({ boot, offsetMs: 0, byMs: DAY })
    await tidy()
    // On its way to the cloud, which never gets it.
    store.readingsAfter(taken, 10)
    store.moveReadings({ boot, offsetMs: DAY, byMs: DAY })
    await tidy()
    sync()
    expect(inCloud()).toEqual([[T0 + 2 * DAY, 20]])
    expect(stored()).toEqual([[T0 + 2 * DAY, 20]])
  })
})

it('ends with the same readings on both sides, whatever came again and whenever it was sent', async () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('say' as const),
      ms: fc.integer({ min: 0, max: 3 }),
      value: fc.integer({ min: 20, max: 22 }),
    }),
    fc.record({
      kind: fc.constant('move' as const),
      by: fc.array(fc.constantFrom(-1, 1, 2, DAY, -DAY), { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ kind: fc.constant('sync' as const), most: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constantFrom('tidy' as const, 'seal' as const) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      store.close()
      store = openEdgeStore(openDatabase(':memory:', edgeMigrations))
      cloud = new Map()
      taken = 0
      let offsetMs = 0
      for (const one of steps) {
        if (one.kind === 'say') commit(offsetMs, at(T0 + offsetMs + one.ms, one.value))
        else if (one.kind === 'sync') sync(one.most)
        else if (one.kind === 'move') {
          for (const byMs of one.by) {
            store.moveReadings({ boot, offsetMs, byMs })
            offsetMs += byMs
          }
          // At once: what comes later at the wrong time of another is another one.
          await tidy()
        } else await tidy(one.kind === 'seal')
      }
      await tidy()
      sync()
      expect(inCloud()).toEqual(stored())
    }),
    { numRuns: 300 },
  )
})
