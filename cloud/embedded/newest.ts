import { type SeriesRun, unitsOf } from '#domain/columns/runs.ts'
import type { MetricId } from '#domain/metrics.ts'
import { type Detail, qualities, type Reading, type Source } from '#domain/reading.ts'
import type { Database } from '#sqlite-file/database.ts'

/** The newest reading of each series, for a service whose readings themselves are kept elsewhere. */
export const newestMigration = `
  CREATE TABLE newest (
    farm TEXT NOT NULL, house TEXT NOT NULL,
    device TEXT NOT NULL, metric TEXT NOT NULL, source TEXT NOT NULL, by TEXT NOT NULL,
    t INTEGER NOT NULL,
    value REAL NOT NULL,
    quality INTEGER NOT NULL,
    detail TEXT,
    PRIMARY KEY (farm, house, device, metric, source, by)
  ) STRICT, WITHOUT ROWID;
`

export type Newest = {
  /** Keeps the newest of each run, where it is newer than what is there. Call inside a transaction. */
  write(farm: string, runs: readonly SeriesRun[]): void
  of(farm: string, house: string): Reading[]
}

type Row = {
  device: string
  metric: string
  source: string
  by: string
  t: number
  value: number
  quality: number
  detail: string | null
}

export function openNewest(database: Database): Newest {
  const columns = 'device, metric, source, by, t, value, quality, detail'
  const ofHouse = database.prepare(`SELECT ${columns} FROM newest WHERE farm = ? AND house = ?`)
  const upsert = database.prepare(`
    INSERT INTO newest (farm, house, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (farm, house, device, metric, source, by) DO UPDATE
    SET t = excluded.t, value = excluded.value, quality = excluded.quality, detail = excluded.detail
    WHERE excluded.t >= t`)

  return {
    write(farm, runs) {
      for (const { series, t, v, marks } of runs) {
        const { house, device, metric, source, by } = series
        const last = t.length - 1
        const { quality = 'good', detail } = marks?.get(last) ?? {}
        const value = (v[last] as number) / unitsOf(metric)
        upsert.run(
          ...[farm, house, device, metric, source, by, t[last] as number, value, qualities.indexOf(quality)],
          detail ? JSON.stringify(detail) : null,
        )
      }
    },
    of: (farm, house) =>
      (ofHouse.all(farm, house) as unknown as Row[]).map((row) => ({
        series: {
          ...{ house, device: row.device, metric: row.metric as MetricId },
          ...{ source: row.source as Source, by: row.by },
        },
        t: row.t,
        value: row.value,
        quality: qualities[row.quality] ?? 'bad',
        ...(row.detail !== null && { detail: JSON.parse(row.detail) as Detail }),
      })),
  }
}
