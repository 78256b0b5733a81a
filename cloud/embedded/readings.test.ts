import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runsOf } from '#domain/columns/runs.ts'
import type { Reading } from '#domain/reading.ts'
import { type Database, openDatabase } from '#sqlite-file/database.ts'
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
const write = (...readings: Reading[]) =>
  database.transaction(() => openReadings(database).writeRuns(runsOf(readings), (house) => house))

it('readings stored twice count once, and the first one stands', () => {
  expect(write(reading(T0, 20.5), reading(T0 + 1, 20.6))).toBe(2)
  expect(write(reading(T0, 99.9), reading(T0 + 2, 20.7))).toBe(1)
  const [line] = openReadings(database).chart('h1', 'air.temperature', T0, T0 + 3, 3)
  expect(line?.mean).toEqual([20.5, 20.6, 20.7])
})

it('readings come back with quality and detail from a database opened anew', () => {
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

it('readings make a chart with mean, min and max a bucket, and no bucket where nothing was measured', () => {
  write(reading(T0, 10), reading(T0 + 500, 20), reading(T0 + 3000, 40), reading(T0 + 4000, 99))
  const [line, ...rest] = openReadings(database).chart('h1', 'air.temperature', T0, T0 + 4000, 4)
  expect(rest).toEqual([])
  expect(line).toMatchObject({ t: [T0, T0 + 3000], mean: [15, 40], min: [10, 40], max: [20, 40] })
})

it('a series of a write that failed is unknown again, not half remembered', () => {
  const store = openReadings(database)
  const runs = runsOf([reading(T0, 1)])
  expect(() =>
    database.transaction(() => {
      store.writeRuns(runs, (house) => house)
      throw new Error('cut')
    }),
  ).toThrow('cut')
  expect(store.latest('h1')).toEqual([])
  expect(database.transaction(() => store.writeRuns(runs, (house) => house))).toBe(1)
  expect(store.latest('h1')).toHaveLength(1)
})
