import type { ClockStamp } from '#domain/columns/batch-header.ts'
import { type Mark, unitsOf } from '#domain/columns/runs.ts'
import type { MetricId } from '#domain/metrics.ts'
import { type Series, type Source, seriesKey } from '#domain/reading.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { TimedRun } from './timed-run.ts'

/** What is kept in memory of a series. */
export type StoredSeries = {
  readonly id: number
  readonly series: Series
  /** 10^decimals of its metric. */
  readonly units: number
  /** What is not sealed yet. */
  fresh: TimedRun
  newest?: Newest
  /** No sealed reading is later. It may be too high, where readings were moved. */
  upto: number
}

export type Newest = { t: number; v: number; mark: Mark | undefined; clock: ClockStamp | undefined }

/** Every series that the store knows. Fresh pieces name them by their ids. */
export type SeriesBook = {
  /** A new series gets the next id, and is on disk after `writeNew`. */
  of(series: Series): StoredSeries
  find(series: Series): StoredSeries | undefined
  byId(id: number): StoredSeries | undefined
  all(): readonly StoredSeries[]
  ofHouse(house: string): StoredSeries[]
  /** Call inside a transaction; then `keepNew` once it is durable, `dropNew` when it failed. */
  writeNew(): void
  keepNew(): void
  dropNew(): void
}

type Row = {
  id: number
  house: string
  device: string
  metric: string
  source: string
  by: string
}

export function openSeriesBook(database: Database): SeriesBook {
  const insert = database.prepare(
    'INSERT INTO dictionary (id, house, device, metric, source, by) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const entries: StoredSeries[] = []
  const byKey = new Map<string, StoredSeries>()
  /** Series are mostly the same objects again: found without building a key. */
  let byObject = new WeakMap<Series, StoredSeries>()
  /** How many are on disk. */
  let kept = 0

  const add = (series: Series): StoredSeries => {
    const entry: StoredSeries = {
      id: entries.length,
      series,
      units: unitsOf(series.metric),
      fresh: { t: [], v: [] },
      upto: 0,
    }
    entries.push(entry)
    byKey.set(seriesKey(series), entry)
    return entry
  }
  const rows = database.prepare('SELECT * FROM dictionary ORDER BY id').all() as unknown as Row[]
  for (const { house, device, metric, source, by } of rows) {
    add({ house, device, metric: metric as MetricId, source: source as Source, by })
  }
  kept = entries.length

  const find = (series: Series) => {
    const known = byObject.get(series)
    if (known) return known
    const found = byKey.get(seriesKey(series))
    if (found) byObject.set(series, found)
    return found
  }
  const of: SeriesBook['of'] = (series) => {
    const known = find(series)
    if (known) return known
    const { house, device, metric, source, by } = series
    const entry = add({ house, device, metric, source, by })
    byObject.set(series, entry)
    return entry
  }

  return {
    of,
    find,
    byId: (id) => entries[id],
    all: () => entries,
    ofHouse: (house) => entries.filter(({ series }) => series.house === house),
    writeNew() {
      for (let id = kept; id < entries.length; id++) {
        const { house, device, metric, source, by } = (entries[id] as StoredSeries).series
        insert.run(id, house, device, metric, source, by)
      }
    },
    keepNew() {
      kept = entries.length
    },
    dropNew() {
      if (kept === entries.length) return
      for (const { series } of entries.splice(kept)) byKey.delete(seriesKey(series))
      byObject = new WeakMap()
    },
  }
}
