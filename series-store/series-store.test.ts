import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Reading } from '#domain/reading.ts'
import { type Database, openDatabase } from './database.ts'
import { openReadings, readingsMigration } from './readings.ts'

let dir: string
let database: Database
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flockwise-'))
  database = openDatabase(join(dir, 'a.db'), [readingsMigration])
})
afterEach(() => {
  database.close()
  rmSync(dir, { recursive: true })
})

const T0 = Date.UTC(2026, 5, 1)
const reading = (t: number, value: number, more: Partial<Reading['series']> = {}): Reading => ({
  series: { house: 'h1', device: 'd1', metric: 'air.temperature', source: 'sensor', by: '', ...more },
  t,
  value,
  quality: 'good',
})
const write = (...readings: Reading[]) => database.transaction(() => openReadings(database).write(readings))

describe('readings', () => {
  it('stored twice count once, and the first one stands', () => {
    expect(write(reading(T0, 20.5), reading(T0 + 1, 20.6))).toEqual({ stored: 2, duplicate: 0 })
    expect(write(reading(T0, 99.9), reading(T0 + 2, 20.7))).toEqual({ stored: 1, duplicate: 1 })
    const values = openReadings(database)
      .after(0, 10)
      .map(({ reading: { value } }) => value)
    expect(values).toEqual([20.5, 20.6, 20.7])
  })

  it('are numbered without a gap below the last number, also when duplicates came between', () => {
    write(reading(T0, 1), reading(T0, 1), reading(T0 + 1, 2))
    write(reading(T0 + 1, 2), reading(T0 + 2, 3))
    const store = openReadings(database)
    const numbers = store.after(0, 10).map(({ number }) => number)
    expect(numbers).toEqual([1, 2, 3])
    expect(store.lastNumber()).toBe(3)
    expect(store.after(1, 1).map(({ number }) => number)).toEqual([2])
  })

  it('come back with quality and detail from a database opened anew', () => {
    const full: Reading = {
      ...reading(T0, 2100),
      quality: 'estimated',
      detail: { n: 120, low: 2050, high: 2150 },
    }
    full.series = { ...full.series, metric: 'bird.weight.mean', source: 'model', by: 'weigh-steps@1' }
    write(full)
    database.close()
    database = openDatabase(join(dir, 'a.db'), [readingsMigration])
    expect(openReadings(database).latest('h1')).toEqual([full])
    expect(openReadings(database).latest('h2')).toEqual([])
  })

  it('make a chart with mean, min and max a bucket, and no bucket where nothing was measured', () => {
    write(reading(T0, 10), reading(T0 + 500, 20), reading(T0 + 3000, 40), reading(T0 + 4000, 99))
    const [line, ...rest] = openReadings(database).chart('h1', 'air.temperature', T0, T0 + 4000, 4)
    expect(rest).toEqual([])
    expect(line).toMatchObject({ t: [T0, T0 + 3000], mean: [15, 40], min: [10, 40], max: [20, 40] })
  })
})

describe('a database', () => {
  it('syncs its log at every commit', () => {
    expect(database.prepare('PRAGMA journal_mode').get()?.['journal_mode']).toBe('wal')
    // 2 is FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
    expect(database.prepare('PRAGMA synchronous').get()?.['synchronous']).toBe(2)
  })

  it('keeps nothing of a transaction that failed', () => {
    const store = openReadings(database)
    expect(() =>
      database.transaction(() => {
        store.write([reading(T0, 1)])
        throw new Error('cut')
      }),
    ).toThrow('cut')
    expect(store.count()).toBe(0)
    // The series of the failed write is unknown again, not half remembered.
    expect(database.transaction(() => store.write([reading(T0 + 1, 2)])).stored).toBe(1)
    expect(store.latest('h1')).toHaveLength(1)
  })

  it('runs each migration once, and refuses one from a newer program', () => {
    database.close()
    database = openDatabase(join(dir, 'a.db'), [
      readingsMigration,
      'CREATE TABLE more (a) STRICT'.replace('(a)', '(a TEXT)'),
    ])
    database.close()
    expect(() => openDatabase(join(dir, 'a.db'), [readingsMigration])).toThrow(/newer version/)
    database = openDatabase(join(dir, 'b.db'), [])
  })
})
