import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readingsOf, runsOf } from '#domain/columns/runs.ts'
import { type Reading, seriesKey } from '#domain/reading.ts'
import { DAY, HOUR, MINUTE } from '#domain/time.ts'
import { type Database, openDatabase } from '#sqlite-file/database.ts'
import type { EdgeStore, ReadingsPiece } from './edge-store.ts'
import { openEdgeStore } from './open-edge-store.ts'
import { packSealed, unpackSealed } from './sealed-body.ts'
import { edgeMigrations } from './store-layout.ts'

const T0 = Date.UTC(2026, 5, 1)
const clockA = { boot: 'a'.repeat(16), offsetMs: 1 }
const clockB = { boot: 'b'.repeat(16), offsetMs: 1 }
const at = (device: string, t: number, value = 20): Reading => ({
  series: { house: 'h1', device, metric: 'air.temperature', source: 'sensor', by: '' },
  ...{ t, value, quality: 'good' },
})
const keyOf = ({ series, t }: Reading) => `${seriesKey(series)}|${t}`

let database: Database
let store: EdgeStore
beforeEach(() => {
  database = openDatabase(':memory:', edgeMigrations)
  store = openEdgeStore(database)
})
afterEach(() => store.close())
const sealAll = async () => {
  while ((await store.tidy({ sealAll: true })) === 'more');
}
const heads = () => database.prepare('SELECT * FROM sealed ORDER BY first').all()
const readingsIn = ({ body, from, to }: ReadingsPiece): Reading[] =>
  (body.kind === 'sealed' ? unpackSealed(body.bytes, to - from + 1) : body.runs).flatMap(readingsOf)

describe('sealing readings of several senders', () => {
  it('makes one piece of each clock and day, and one batch of them', async () => {
    for (let n = 0; n < 100; n++) {
      const t = T0 + DAY - 50 * MINUTE + n * MINUTE
      store.commit({ readings: [at('d1', t)], events: [], clock: clockA })
      store.commit({ readings: [at('d2', t)], events: [] })
    }
    const fresh = store.readingsAfter(0, 20_000)
    expect(fresh).toMatchObject({ from: 1, to: 200, count: 200 })
    expect(fresh?.clock).toBeUndefined()
    await sealAll()
    expect(heads().map(({ first, last, boot, t_min }) => [first, last, boot, t_min])).toEqual([
      [1, 50, clockA.boot, T0 + DAY - 50 * MINUTE],
      [51, 100, clockA.boot, T0 + DAY],
      [101, 150, null, T0 + DAY - 50 * MINUTE],
      [151, 200, null, T0 + DAY],
    ])
    // Whatever number of it the cloud names, it may lack any reading of it.
    for (const number of [0, 1, 50, 100, 199]) {
      const batch = store.readingsAfter(number, 1)
      expect(batch).toMatchObject({ from: 1, to: 200, count: 200, thinned: 0, damaged: 0, aside: 0 })
      expect(new Set(batch && readingsIn(batch).map(keyOf)).size).toBe(200)
    }
    expect(store.readingsAfter(200, 1)).toBeUndefined()
    expect(store.setPieceAside({ from: 1, to: 50 }, 'no batch')).toBe(false)
    expect(store.setPieceAside({ from: 1, to: 200 }, 'cannot be read')).toBe(true)
    expect(store.piecesAside()).toEqual([{ from: 1, to: 200, why: 'cannot be read' }])
    expect(store.readingsAfter(0, 1)).toMatchObject({ from: 1, to: 200, count: 0, aside: 200 })
  })

  it('moves the readings of one clock alone', async () => {
    store.commit({ readings: [at('d1', T0), at('d1', T0 + 1000)], events: [], clock: clockA })
    store.commit({ readings: [at('d2', T0)], events: [], clock: clockB })
    await sealAll()
    store.readingsAfter(0, 10)
    expect(store.moveReadings({ ...clockA, byMs: 5 * DAY })).toMatchObject({ inPlace: 0, again: 2 })
    await sealAll()
    const rest = store.readingsAfter(0, 10)
    expect(rest).toMatchObject({ from: 1, to: 3, count: 1 })
    expect(rest && readingsIn(rest)).toEqual([at('d2', T0)])
    const again = store.readingsAfter(3, 10)
    expect(again).toMatchObject({ from: 4, to: 5, count: 2, movedByMs: 5 * DAY })
    expect(store.readingsByDay()).toEqual(
      new Map([
        [T0 / DAY, 1],
        [T0 / DAY + 5, 2],
      ]),
    )
  })

  it('holds all of a batch for sent of which a part was sent before it was sealed', async () => {
    store.commit({ readings: [at('d1', T0)], events: [], clock: clockA })
    store.commit({ readings: [at('d2', T0)], events: [], clock: clockB })
    expect(store.readingsAfter(0, 1)).toMatchObject({ from: 1, to: 1 })
    await sealAll()
    expect(store.moveReadings({ ...clockB, byMs: DAY })).toMatchObject({ inPlace: 0, again: 1 })
  })

  it('brings every reading to the cloud, wherever this was when they were sealed or put back', async () => {
    const aCommit = fc.record({
      clock: fc.constantFrom(clockA, clockB, undefined),
      days: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 6 }),
    })
    const aStep = fc.oneof(
      { weight: 5, arbitrary: aCommit },
      { weight: 2, arbitrary: fc.constant('seal' as const) },
      // The cloud takes up to so many batches; it may be put back to any earlier number it had.
      { weight: 3, arbitrary: fc.record({ send: fc.integer({ min: 1, max: 3 }), isHeard: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ back: fc.nat({ max: 20 }) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { maxLength: 30 }), async (steps) => {
        store.close()
        database = openDatabase(':memory:', edgeMigrations)
        store = openEdgeStore(database)
        const all: Reading[] = []
        /** What the cloud held at each of its numbers. */
        const states: { watermark: number; held: Set<string> }[] = [{ watermark: 0, held: new Set() }]
        const send = (batches: number, isHeard: boolean) => {
          for (let sent = 0; sent < batches; sent++) {
            const { watermark, held } = states.at(-1) as (typeof states)[0]
            const batch = store.readingsAfter(watermark, 10)
            if (!batch) return
            states.push({ watermark: batch.to, held: new Set([...held, ...readingsIn(batch).map(keyOf)]) })
            if (isHeard) store.setNote('watermark.readings', String(batch.to))
          }
        }
        for (const step of steps) {
          if (step === 'seal') await sealAll()
          else if ('days' in step) {
            const { clock, days } = step
            const readings = days.map((day, index) => at('d1', T0 + day * DAY + all.length + index))
            store.commit({ readings, events: [], ...(clock && { clock }) })
            all.push(...readings)
          } else if ('send' in step) send(step.send, step.isHeard)
          else {
            states.splice(Math.max(1, states.length - step.back))
            store.setNote('watermark.readings', String(states.at(-1)?.watermark))
          }
        }
        send(1000, true)
        expect([...(states.at(-1)?.held ?? [])].sort()).toEqual(all.map(keyOf).sort())
        const byDay = new Map<number, number>()
        for (const { t } of all) byDay.set(Math.floor(t / DAY), (byDay.get(Math.floor(t / DAY)) ?? 0) + 1)
        expect([...store.readingsByDay()].sort()).toEqual([...byDay].sort())
      }),
      { numRuns: 60 },
    )
  })
})

describe('a file of before there were batches', () => {
  it('goes on, each piece a batch', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'flockwise-sealing-'))
    const file = join(dir, 'edge.db')
    const before = openDatabase(file, edgeMigrations.slice(0, 3))
    const readings = [at('d1', T0), at('d1', T0 + MINUTE), at('d1', T0 + DAY)]
    const { house, device, metric, source, by } = (readings[0] as Reading).series
    before.prepare('INSERT INTO dictionary VALUES (0, ?, ?, ?, ?, ?)').run(house, device, metric, source, by)
    const hour = before.prepare('INSERT INTO hour VALUES (?, 0, ?, 400, 200, 200, 0, 200)')
    hour.run(T0 / HOUR, 2)
    hour.run((T0 + DAY) / HOUR, 1)
    before
      .prepare('INSERT INTO newest (series, t, v, quality, upto) VALUES (0, ?, 200, 0, ?)')
      .run(T0 + DAY, T0 + DAY)
    before
      .prepare(`INSERT INTO sealed (first, last, count, thinned, damaged, t_min, t_max, body)
        VALUES (1, 3, 3, 0, 0, ?, ?, ?)`)
      .run(T0, T0 + DAY, await packSealed(runsOf(readings)))
    before.close()
    const after = openEdgeStore(openDatabase(file, edgeMigrations))
    const batch = after.readingsAfter(1, 10)
    expect(batch).toMatchObject({ from: 1, to: 3, count: 3, body: { kind: 'sealed' } })
    expect(batch && readingsIn(batch)).toEqual(readings)
    expect(after.commit({ readings, events: [] })).toEqual({ stored: 0, duplicate: 3 })
    expect(after.readingsByDay()).toEqual(
      new Map([
        [T0 / DAY, 2],
        [T0 / DAY + 1, 1],
      ]),
    )
    after.close()
    rmSync(dir, { recursive: true, force: true })
  })
})

describe('readings that come behind newer ones', () => {
  it('are kept in few pieces, however many days they are from', async () => {
    const readings = Array.from({ length: 400 }, (_, day) => at('d1', T0 - day * DAY))
    store.commit({ readings, events: [] })
    await sealAll()
    expect(heads()).toHaveLength(1)
    expect(store.commit({ readings, events: [] })).toEqual({ stored: 0, duplicate: 400 })
    expect(store.readingsBetween(readings[0]?.series as Reading['series'], 0, T0 + 1)).toHaveLength(400)
  })

  it('do not make the pieces long in which both lie', async () => {
    for (let minute = 0; minute < 600; minute++) {
      const late = at('late', T0 - 3 * DAY + minute * MINUTE)
      store.commit({ readings: [late, at('live', T0 + minute * MINUTE)], events: [] })
      if (minute % 100 === 99) await sealAll()
    }
    expect(heads()).toHaveLength(12)
    for (const { t_min, t_max } of heads())
      expect(Math.floor(Number(t_min) / DAY)).toBe(Math.floor(Number(t_max) / DAY))
  })
})
