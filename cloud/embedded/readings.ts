import type { SeriesRun } from '#domain/columns/runs.ts'
import type { MetricId } from '#domain/metrics.ts'
import { metrics } from '#domain/metrics.ts'
import { type Detail, qualities, type Reading, type Series, type Source, seriesKey } from '#domain/reading.ts'
import type { Database } from '#sqlite-file/database.ts'

/**
 * Readings in SQLite. (series, t) is the key, so a reading that comes twice is stored once. Values are kept as integers
 * in units of the metric's last decimal.
 */
export const readingsMigration = `
  CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    house TEXT NOT NULL, device TEXT NOT NULL, metric TEXT NOT NULL, source TEXT NOT NULL, by TEXT NOT NULL,
    UNIQUE (house, device, metric, source, by)
  ) STRICT;
  CREATE TABLE reading (
    series INTEGER NOT NULL REFERENCES series(id),
    t INTEGER NOT NULL,
    v INTEGER NOT NULL,
    quality INTEGER NOT NULL,
    detail TEXT,
    PRIMARY KEY (series, t)
  ) STRICT, WITHOUT ROWID;
`

/** One line of a chart. Buckets without readings are left out. */
export type Line = {
  series: Series
  bucketMs: number
  /** Bucket starts, UTC ms. */
  t: number[]
  mean: number[]
  min: number[]
  max: number[]
}

export type Readings = {
  /**
   * Stores what is new, each run under the name that `nameOf` gives its house, and says how much that was. Call inside
   * a transaction.
   */
  writeRuns(runs: readonly SeriesRun[], nameOf: (house: string) => string): number
  /** Removes what stands at the times of the runs, each `byMs` later. Call inside a transaction. */
  removeRuns(runs: readonly SeriesRun[], byMs: number, nameOf: (house: string) => string): void
  /** Throws when the database cannot be read. */
  check(): void
  /** Newest reading of each series of a house. */
  latest(house: string): Reading[]
  /** Readings of a metric in [from, to), cut into `points` equal buckets. */
  chart(house: string, metric: MetricId, from: number, to: number, points: number): Line[]
  /** Times of a series in [from, to), in order, and the last one before. */
  times(series: Series, from: number, to: number): { times: number[]; before?: number }
}

type SeriesRow = { id: number; house: string; device: string; metric: string; source: string; by: string }
type ReadingRow = {
  series: number
  t: number
  v: number
  quality: number
  detail: string | null
}

export function openReadings(database: Database): Readings {
  const insert = database.prepare(
    'INSERT INTO reading (series, t, v, quality, detail) VALUES (?, ?, ?, ?, ?) ON CONFLICT (series, t) DO NOTHING',
  )
  const removeAt = database.prepare('DELETE FROM reading WHERE series = ? AND t = ?')
  const insertSeries = database.prepare(
    'INSERT INTO series (house, device, metric, source, by) VALUES (?, ?, ?, ?, ?) RETURNING id',
  )
  const anySeries = database.prepare('SELECT 1 FROM series LIMIT 1')
  const allSeries = database.prepare('SELECT * FROM series')
  const newest = database.prepare('SELECT * FROM reading WHERE series = ? ORDER BY t DESC LIMIT 1')
  const buckets = database.prepare(`
    SELECT CAST((t - :from) / :bucket AS INTEGER) AS bucket, avg(v) AS mean, min(v) AS low, max(v) AS high
    FROM reading WHERE series = :series AND t >= :from AND t < :to GROUP BY bucket ORDER BY bucket`)

  const times = database.prepare('SELECT t FROM reading WHERE series = ? AND t >= ? AND t < ? ORDER BY t')
  const before = database.prepare('SELECT max(t) AS t FROM reading WHERE series = ? AND t < ?')

  const ids = new Map<string, number>()
  const byId = new Map<number, Series>()
  const byHouse = new Map<string, [number, Series][]>()
  const remember = (id: number, series: Series) => {
    ids.set(seriesKey(series), id)
    byId.set(id, series)
    const ofHouse = byHouse.get(series.house)
    if (ofHouse) ofHouse.push([id, series])
    else byHouse.set(series.house, [[id, series]])
  }
  const load = () => {
    ids.clear()
    byId.clear()
    byHouse.clear()
    for (const row of allSeries.all() as unknown as SeriesRow[]) remember(row.id, seriesOf(row))
  }
  load()
  database.onRollback(load)
  const idFor = (series: Series): number => {
    const known = ids.get(seriesKey(series))
    if (known !== undefined) return known
    const { house, device, metric, source, by } = series
    const id = Number(insertSeries.get(house, device, metric, source, by)?.id)
    remember(id, series)
    return id
  }
  const readingOf = (row: ReadingRow): Reading => {
    const series = byId.get(row.series) as Series
    return {
      series,
      t: row.t,
      value: row.v / 10 ** metrics[series.metric].decimals,
      quality: qualities[row.quality] ?? 'bad',
      ...(row.detail !== null && { detail: JSON.parse(row.detail) as Detail }),
    }
  }
  const seriesOfHouse = (house: string) => byHouse.get(house) ?? []

  return {
    writeRuns(runs, nameOf) {
      let stored = 0
      for (const { series, t, v, marks } of runs) {
        const id = idFor({ ...series, house: nameOf(series.house) })
        for (let index = 0; index < t.length; index++) {
          const mark = marks?.get(index)
          const quality = mark ? qualities.indexOf(mark.quality) : 0
          const text = mark?.detail ? JSON.stringify(mark.detail) : null
          stored += Number(insert.run(id, t[index] as number, v[index] as number, quality, text).changes)
        }
      }
      return stored
    },

    removeRuns(runs, byMs, nameOf) {
      for (const { series, t } of runs) {
        const id = ids.get(seriesKey({ ...series, house: nameOf(series.house) }))
        if (id !== undefined) for (const time of t) removeAt.run(id, time + byMs)
      }
    },

    check() {
      anySeries.get()
    },

    latest: (house) =>
      seriesOfHouse(house).flatMap(([id]) => (newest.all(id) as unknown as ReadingRow[]).map(readingOf)),

    times(series, from, to) {
      const id = ids.get(seriesKey(series))
      if (id === undefined) return { times: [] }
      const last = before.get(id, from)?.t
      return {
        times: times.all(id, from, to).map(({ t }) => Number(t)),
        ...(typeof last === 'number' && { before: last }),
      }
    },

    chart(house, metric, from, to, points) {
      const bucketMs = Math.max(1, (to - from) / points)
      const factor = 10 ** metrics[metric].decimals
      return seriesOfHouse(house)
        .filter(([, series]) => series.metric === metric)
        .map(([id, series]) => {
          const rows = buckets.all({ from, to, bucket: bucketMs, series: id }) as unknown as {
            bucket: number
            mean: number
            low: number
            high: number
          }[]
          return {
            series,
            bucketMs,
            t: rows.map(({ bucket }) => Math.round(from + bucket * bucketMs)),
            mean: rows.map(({ mean }) => mean / factor),
            min: rows.map(({ low }) => low / factor),
            max: rows.map(({ high }) => high / factor),
          }
        })
        .filter(({ t }) => t.length > 0)
    },
  }
}

function seriesOf({ house, device, metric, source, by }: SeriesRow): Series {
  return { house, device, metric: metric as MetricId, source: source as Source, by }
}
