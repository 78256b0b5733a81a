import type { MetricId } from '#domain/metrics.ts'
import { type Detail, qualities, type Reading, type Source, seriesKey } from '#domain/reading.ts'
import type { Database } from '#series-store/database.ts'

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
  /** Keeps those that are newer than what is there. Call inside a transaction. */
  write(farm: string, readings: readonly Reading[]): void
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
    write(farm, readings) {
      const newest = new Map<string, Reading>()
      for (const reading of readings) {
        const key = seriesKey(reading.series)
        if (reading.t >= (newest.get(key)?.t ?? 0)) newest.set(key, reading)
      }
      for (const { series, t, value, quality, detail } of newest.values()) {
        const { house, device, metric, source, by } = series
        upsert.run(
          ...[farm, house, device, metric, source, by, t, value, qualities.indexOf(quality)],
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
