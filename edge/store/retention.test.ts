import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeWithDictionary } from '#domain/columns/own-dictionary.ts'
import { readingsOf, type SeriesRun } from '#domain/columns/runs.ts'
import { standing } from '#domain/ledger.ts'
import type { Reading } from '#domain/reading.ts'
import { DAY, HOUR, MINUTE } from '#domain/time.ts'
import { openDatabase } from '#sqlite-file/database.ts'
import type { EdgeStore, ReadingsPiece } from './edge-store.ts'
import { openEdgeStore } from './open-edge-store.ts'
import { unpackedBytes } from './sealed-body.ts'
import { edgeMigrations } from './store-layout.ts'

const T0 = Date.UTC(2026, 5, 1)
const DAY0 = T0 / DAY
const temperature = (t: number, value: number): Reading => ({
  series: { house: 'h1', device: 'air-1', metric: 'air.temperature', source: 'sensor', by: '' },
  ...{ t, value, quality: 'good' },
})
const deaths = (t: number, value: number): Reading => ({
  series: { house: 'h1', device: 'books', metric: 'bird.deaths', source: 'person', by: 'li' },
  ...{ t, value, quality: 'good' },
})

let dir: string
let store: EdgeStore
let thinned: number
/** The disk may take so much; 0 means: make all the room there is. */
function open(maxBytes: number): void {
  const database = openDatabase(join(dir, 'edge.db'), edgeMigrations)
  store = openEdgeStore(database, {
    onThinned: (readings) => {
      thinned += readings
    },
    room: { dataDir: dir, maxBytes, reserveBytes: 0 },
  })
}
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flockwise-retention-'))
  thinned = 0
})
afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true, force: true })
})

/** A minute's readings for some hours, sealed hour by hour, with a hand entry in each. */
async function measure(hours: number, from = T0): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    const start = from + hour * HOUR
    const minutes = Array.from({ length: 60 }, (_, m) => temperature(start + m * MINUTE, 20 + m / 10))
    store.commit({ readings: [...minutes, deaths(start + 30 * MINUTE + 1, 2)], events: [] })
    while ((await store.tidy({ sealAll: true })) === 'more');
  }
}
function readAll(): { pieces: ReadingsPiece[]; readings: Reading[] } {
  const pieces: ReadingsPiece[] = []
  for (let number = 0; ; ) {
    const piece = store.readingsAfter(number, 10_000)
    if (!piece) break
    pieces.push(piece)
    number = piece.to
  }
  const runs = pieces.flatMap(({ body }): SeriesRun[] =>
    body.kind === 'fresh' ? body.runs : decodeWithDictionary(unpackedBytes(body.bytes), 1e6),
  )
  return { pieces, readings: runs.flatMap(readingsOf) }
}
const tidyAll = async () => {
  while ((await store.tidy({ sealAll: true })) === 'more');
}

describe('a full disk', () => {
  it('takes nothing away while there is room', async () => {
    open(100e6)
    await measure(3)
    expect(readAll().readings).toHaveLength(183)
    expect(thinned).toBe(0)
  })

  it('makes hourly means of what was never sent, oldest first, and keeps what people entered and the newest', async () => {
    open(100e6)
    await measure(4)
    store.close()
    open(0)
    await tidyAll()
    const { pieces, readings } = readAll()
    // Three hours are a mean and an entry each; the newest is as it was.
    expect(readings).toHaveLength(3 * 2 + 61)
    expect(thinned).toBe(3 * 59)
    expect(pieces.map(({ thinned, count }) => [thinned, count])).toEqual([
      [59, 2],
      [59, 2],
      [59, 2],
      [0, 61],
    ])
    expect(pieces.map(({ from, to }) => to - from + 1)).toEqual([61, 61, 61, 61])
    expect(readings.filter(({ series }) => series.source === 'person')).toHaveLength(4)
    expect(readings.find(({ series }) => series.source === 'sensor')).toEqual({
      ...temperature(T0 + 59 * MINUTE, 23),
      quality: 'estimated',
      detail: { n: 60, low: 20, high: 25.9 },
    })
    // The hours for charts are as they were measured.
    const [hour] = store.hoursBetween(temperature(T0, 0).series, T0, T0 + HOUR)
    expect(hour).toMatchObject({ n: 60, min: 20, max: 25.9 })
  })

  it('gives up first what the cloud has, and says nothing of that to it', async () => {
    open(100e6)
    await measure(4)
    store.setNote('watermark.readings', '122')
    store.close()
    open(0)
    await store.tidy({ sealAll: true })
    await store.tidy({ sealAll: true })
    expect(thinned).toBe(0)
    // What people entered is still there.
    expect(store.readingsBetween(deaths(0, 0).series, T0, T0 + DAY)).toHaveLength(4)
    expect(store.readingsBetween(temperature(0, 0).series, T0, T0 + DAY)).toHaveLength(120)
    await tidyAll()
    expect(thinned).toBe(59)
  })

  it('leaves what was moved as it is until the cloud has withdrawn each of the wrong ones', async () => {
    const clock = { boot: '0123456789abcdef', offsetMs: 5 }
    open(100e6)
    const ahead = Array.from({ length: 60 }, (_, m) => temperature(T0 + 300 * DAY + m * MINUTE, 20 + m / 10))
    store.commit({ readings: ahead, events: [], clock })
    expect(store.readingsAfter(0, 100)?.count).toBe(60)
    store.setNote('watermark.readings', '60')
    store.moveReadings({ ...clock, byMs: -300 * DAY })
    await tidyAll()
    await measure(1, T0 + DAY)
    store.close()
    open(0)
    await tidyAll()
    expect(thinned).toBe(0)
    expect(store.readingsAfter(60, 100)).toMatchObject({
      from: 61,
      to: 120,
      count: 60,
      movedByMs: -300 * DAY,
    })
    // What was withdrawn keeps no hour from being counted anew: its time was wrong.
    const kept = () => store.note('hours.kept')
    expect(kept()).toBeUndefined()
    store.setNote('watermark.readings', '120')
    await tidyAll()
    expect(kept()).toBe(String(T0 / HOUR))
    expect(thinned).toBe(0)
  })

  it('takes from a batch of two days what the cloud has, and accounts for it if the cloud is put back', async () => {
    open(100e6)
    const around = Array.from({ length: 20 }, (_, m) => temperature(T0 + DAY + (m - 10) * MINUTE, 20))
    store.commit({ readings: [...around, deaths(T0 + DAY, 1)], events: [] })
    await tidyAll()
    // The cloud may lack any of it while it names a number within.
    store.setNote('watermark.readings', '10')
    store.close()
    open(0)
    await store.tidy({ sealAll: true })
    expect(thinned).toBe(9)
    store.setNote('watermark.readings', '21')
    await measure(1, T0 + 2 * DAY)
    await tidyAll()
    store.setNote('watermark.readings', '0')
    const batch = store.readingsAfter(0, 100)
    expect(batch?.from).toBe(1)
    expect((batch?.thinned ?? 0) + (batch?.count ?? 0)).toBe(21)
  })

  it('goes on numbering where it was', async () => {
    open(100e6)
    await measure(2)
    store.setNote('watermark.readings', '122')
    store.close()
    open(0)
    await tidyAll()
    store.close()
    open(100e6)
    expect(store.lastNumber('readings')).toBe(122)
    store.commit({ readings: [temperature(T0 + DAY, 1)], events: [] })
    expect(store.lastNumber('readings')).toBe(123)
  })

  it('is foretold in days', async () => {
    open(100e6)
    expect(store.room()?.daysLeft).toBeUndefined()
    await measure(24)
    const room = store.room()
    expect(room?.keptSince).toBe(T0)
    expect(room?.bytesPerDay).toBeGreaterThan(1000)
    expect(room?.daysLeft).toBeCloseTo((room?.leftBytes ?? 0) / (room?.bytesPerDay ?? 1), 5)
  })
})

describe('counts for the ledger', () => {
  const air = (day = DAY0) => store.streamsOf(day).find(({ metric }) => metric === 'air.temperature')

  it('tell what was measured, came again, and is acknowledged', async () => {
    open(100e6)
    await measure(2)
    store.commit({
      readings: [temperature(T0 + 3 * HOUR, 1), temperature(T0, 20), temperature(T0, 20)],
      events: [],
    })
    expect(air()).toMatchObject({ measured: 121, duplicate: 2, acknowledged: 0, thinned: 0 })
    store.setNote('watermark.readings', '61')
    expect(air()).toMatchObject({ measured: 121, acknowledged: 60 })
    store.setNote('watermark.readings', '123')
    expect(air()).toMatchObject({ measured: 121, acknowledged: 121 })
    expect(store.readingsByDay()).toEqual(new Map([[DAY0, 123]]))
  })

  it('count a reading to the day on which it was measured', async () => {
    open(100e6)
    store.commit({ readings: [temperature(T0 + DAY - 1, 1), temperature(T0 + DAY, 1)], events: [] })
    await tidyAll()
    expect([air()?.measured, air(DAY0 + 1)?.measured]).toEqual([1, 1])
    expect(store.streamsOf(DAY0 + 2)).toEqual([])
  })

  it('add up when single readings became means', async () => {
    open(100e6)
    await measure(3)
    store.close()
    open(0)
    await tidyAll()
    const counts = air()
    expect(counts).toMatchObject({ measured: 180, thinned: 120, replaced: 2, acknowledged: 0 })
    store.setNote('watermark.readings', String(store.lastNumber('readings')))
    expect(air()?.acknowledged).toBe(counts && standing(counts))
    const held = readAll().readings.filter(({ series }) => series.metric === 'air.temperature')
    expect(held).toHaveLength(air()?.acknowledged ?? 0)
  })
})
