import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readingsOf } from '#domain/columns/runs.ts'
import { type Reading, seriesKey } from '#domain/reading.ts'
import { HOUR } from '#domain/time.ts'
import { openDatabase } from '#sqlite-file/database.ts'
import type { EdgeStore, ReadingsPiece } from './edge-store.ts'
import { openEdgeStore } from './open-edge-store.ts'
import { unpackSealed } from './sealed-body.ts'
import { edgeMigrations } from './store-layout.ts'

const T0 = Date.UTC(2026, 5, 1, 0, 30)
const seriesList = (['air.temperature', 'air.humidity', 'bird.weight'] as const).flatMap((metric) =>
  ['d1', 'd2'].map((device) => ({ house: 'h1', device, metric, source: 'sensor' as const, by: '' })),
)
const keyOf = ({ series, t }: Pick<Reading, 'series' | 't'>) => `${seriesKey(series)}|${t}`

let dir: string
let store: EdgeStore
const damaged: string[] = []
const open = () =>
  openEdgeStore(openDatabase(join(dir, 'edge.db'), edgeMigrations), {
    onDamaged: (what) => damaged.push(what),
  })
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flockwise-pieces-'))
  damaged.length = 0
  store = open()
})
afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true, force: true })
})
const reopen = () => {
  store.close()
  store = open()
}
const sealAll = async () => {
  while ((await store.tidy({ sealAll: true })) === 'more');
}

const contentOf = ({ body, from, to }: ReadingsPiece): Reading[] =>
  (body.kind === 'sealed' ? unpackSealed(body.bytes, to - from + 1) : body.runs).flatMap(readingsOf)

function* piecesAfter(number: number, maxReadings = 1): Generator<ReadingsPiece> {
  for (let after = number; ; ) {
    const piece = store.readingsAfter(after, maxReadings)
    if (!piece) return
    yield piece
    after = piece.to
  }
}

/** What a cloud makes of the pieces: a moved reading takes the place of the one before. */
function takeInto(cloud: Map<string, number>, piece: ReadingsPiece): void {
  for (const { series, t, value } of contentOf(piece)) {
    if (piece.movedByMs !== 0) cloud.delete(keyOf({ series, t: t - piece.movedByMs }))
    const key = keyOf({ series, t })
    if (!cloud.has(key)) cloud.set(key, value)
  }
}

const stored = () =>
  new Map(
    seriesList.flatMap((series) =>
      store
        .readingsBetween(series, 0, Number.POSITIVE_INFINITY)
        .map((reading): [string, number] => [keyOf(reading), reading.value]),
    ),
  )
const sorted = (map: Map<string, number>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))

const aReading: fc.Arbitrary<Reading> = fc
  .record({
    series: fc.constantFrom(...seriesList),
    // Few times, so that many come twice; some far off.
    t: fc.oneof(
      fc.integer({ min: 0, max: 40 }).map((n) => T0 + n * 60_000),
      fc.integer({ min: -3, max: 30 }).map((n) => T0 + n * 7 * HOUR),
    ),
    value: fc.integer({ min: 0, max: 1000 }),
    quality: fc.constantFrom('good', 'good', 'suspect'),
  })
  .map(
    (reading) =>
      ({ ...reading, ...(reading.value % 5 === 0 && { detail: { n: reading.value } }) }) as Reading,
  )
const aStep = fc.oneof(
  { weight: 6, arbitrary: fc.array(aReading, { maxLength: 30 }).map((readings) => ({ readings })) },
  { weight: 2, arbitrary: fc.constant('seal' as const) },
  { weight: 1, arbitrary: fc.constant('reopen' as const) },
  { weight: 1, arbitrary: fc.constant('acknowledge' as const) },
)

describe('pieces of readings', () => {
  it('hold each reading once, under numbers without a gap, however they are sealed and opened anew', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 1, maxLength: 25 }), async (steps) => {
        rmSync(dir, { recursive: true, force: true })
        dir = mkdtempSync(join(tmpdir(), 'flockwise-pieces-'))
        store.close()
        store = open()
        const model = new Map<string, Reading>()
        for (const step of steps) {
          if (step === 'seal') await sealAll()
          else if (step === 'reopen') reopen()
          else if (step === 'acknowledge') {
            store.setNote('watermark.readings', String(Math.ceil(store.lastNumber('readings') / 2)))
          } else {
            const fresh = new Map<string, Reading>()
            for (const reading of step.readings) {
              // Another value at a time that is taken is another reading, and goes to the next free ms.
              const at = (t: number) => {
                const key = keyOf({ ...reading, t })
                return model.get(key) ?? fresh.get(key)
              }
              let { t } = reading
              while (at(t) && at(t)?.value !== reading.value) t++
              if (!at(t)) fresh.set(keyOf({ ...reading, t }), { ...reading, t })
            }
            const { stored, duplicate } = store.commit({ readings: step.readings, events: [] })
            expect([stored, duplicate]).toEqual([fresh.size, step.readings.length - fresh.size])
            for (const [key, reading] of fresh) model.set(key, reading)
          }
        }
        expect(store.lastNumber('readings')).toBe(model.size)
        for (const series of seriesList) {
          const expected = [...model.values()]
            .filter((reading) => reading.series === series)
            .sort((a, b) => a.t - b.t)
          expect(store.readingsBetween(series, 0, Number.POSITIVE_INFINITY)).toEqual(expected)
          const newest = store.latest('h1').find((reading) => seriesKey(reading.series) === seriesKey(series))
          expect(newest).toEqual(expected.at(-1))
        }
        for (const maxReadings of [1, 7, 10_000]) {
          const pieces = [...piecesAfter(0, maxReadings)]
          expect(pieces.map(({ from }) => from - 1)).toEqual(
            [0, ...pieces.map(({ to }) => to)].slice(0, pieces.length),
          )
          const sent = pieces.flatMap(contentOf)
          expect(sent).toHaveLength(model.size)
          for (const reading of sent) expect(model.get(keyOf(reading))).toEqual(reading)
        }
        for (let number = 0; number < model.size; number++) {
          const piece = store.readingsAfter(number, 10)
          expect(piece && piece.from <= number + 1 && piece.to > number).toBe(true)
        }
        expect(store.readingsAfter(model.size, 10)).toBeUndefined()
        expect(damaged).toEqual([])
      }),
      { numRuns: 40 },
    )
  })

  it('are at their right time on both sides when clocks were wrong, whatever had been sent', async () => {
    const aMove = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          clock: fc.integer({ min: 0, max: 2 }),
          count: fc.integer({ min: 1, max: 20 }),
        }),
      },
      { weight: 2, arbitrary: fc.constantFrom('seal' as const, 'reopen' as const, 'tidy' as const) },
      { weight: 3, arbitrary: fc.record({ send: fc.integer({ min: 1, max: 4 }), isHeard: fc.boolean() }) },
      {
        weight: 2,
        arbitrary: fc.record({ move: fc.integer({ min: 0, max: 2 }), by: fc.constantFrom(-9, -2, 3, 30) }),
      },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(aMove, { minLength: 1, maxLength: 25 }), async (steps) => {
        rmSync(dir, { recursive: true, force: true })
        dir = mkdtempSync(join(tmpdir(), 'flockwise-pieces-'))
        store.close()
        store = open()
        const clocks = [0, 1, 2].map((n) => ({ boot: `${n}`.repeat(16), offsetMs: 0 }))
        const readings: { clock: number; reading: Reading }[] = []
        const cloud = new Map<string, number>()
        let watermark = 0
        const send = (pieces: number, isHeard: boolean) => {
          let sent = 0
          for (const piece of piecesAfter(watermark)) {
            takeInto(cloud, piece)
            if (isHeard) watermark = piece.to
            if (++sent === pieces) break
          }
          store.setNote('watermark.readings', String(watermark))
        }
        for (const step of steps) {
          if (step === 'seal') await sealAll()
          else if (step === 'reopen') reopen()
          else if (step === 'tidy') await store.tidy({ sealAll: false })
          else if ('count' in step) {
            const group = Array.from({ length: step.count }, (_, index): Reading => {
              // No two at one time, wherever they are moved.
              const n = readings.length + index
              const series = seriesList[n % seriesList.length] as Reading['series']
              return { series, t: T0 + n * 1000 + step.clock, value: n, quality: 'good' }
            })
            store.commit({ readings: group, events: [], clock: clocks[step.clock] as never })
            readings.push(...group.map((reading) => ({ clock: step.clock, reading })))
          } else if ('send' in step) send(step.send, step.isHeard)
          else {
            const clock = clocks[step.move] as { boot: string; offsetMs: number }
            const byMs = step.by * HOUR + 10 * (step.move + 1) + (step.by % 7)
            store.moveReadings({ ...clock, byMs })
            clock.offsetMs += byMs
            for (const each of readings) {
              if (each.clock === step.move) each.reading = { ...each.reading, t: each.reading.t + byMs }
            }
          }
        }
        while ((await store.tidy({ sealAll: false })) === 'more');
        send(1_000_000, true)
        const expected = new Map(readings.map(({ reading }) => [keyOf(reading), reading.value]))
        expect(sorted(stored())).toEqual(sorted(expected))
        expect(sorted(cloud)).toEqual(sorted(expected))
        reopen()
        await sealAll()
        expect(sorted(stored())).toEqual(sorted(expected))
        for (const series of seriesList) {
          const own = readings.map(({ reading }) => reading).filter((reading) => reading.series === series)
          const hours = store.hoursBetween(series, T0 - 800 * HOUR, T0 + 800 * HOUR)
          expect(hours.reduce((sum, { n }) => sum + n, 0)).toBe(own.length)
          for (const { t, n, min, max } of hours) {
            const within = own
              .filter((reading) => reading.t >= t && reading.t < t + HOUR)
              .map(({ value }) => value)
            expect([n, min, max]).toEqual([within.length, Math.min(...within), Math.max(...within)])
          }
          const newest = store.latest('h1').find((reading) => seriesKey(reading.series) === seriesKey(series))
          if (newest) expect(own.some(({ t }) => t === newest.t)).toBe(true)
        }
      }),
      { numRuns: 25 },
    )
  })
})
