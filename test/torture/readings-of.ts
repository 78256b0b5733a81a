// What stands in the cloud's stores, read apart from the product's own code: here alone is known how they keep it.
import { DatabaseSync } from 'node:sqlite'
import { type MetricId, metrics } from '#domain/metrics.ts'
import type { InfluxOptions } from '../../cloud/influx/influx-client.ts'

export type Stored = { house: string; device: string; metric: string; t: number; value: number }

/** Every reading of these metrics in the embedded store. Throws while the file is locked. */
export function readingsOfSqlite(file: string, wanted: readonly MetricId[]): Stored[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const list = wanted.map((metric) => `'${metric}'`).join(',')
    const rows = database
      .prepare(
        `SELECT house, device, metric, t, v FROM reading JOIN series ON series.id = reading.series WHERE metric IN (${list})`,
      )
      .all()
    // Houses are kept as farm/house; values in units of the last decimal.
    return rows.map(({ house, device, metric, t, v }) => ({
      house: String(house).split('/').at(-1) ?? '',
      device: String(device),
      metric: String(metric),
      t: Number(t),
      value: Number(v) / 10 ** metrics[metric as MetricId].decimals,
    }))
  } finally {
    database.close()
  }
}

type InfluxAnswer = {
  results: {
    series?: { name: string; tags: { house: string; device: string }; values: [number, number][] }[]
  }[]
}

/** Every reading of these metrics in InfluxDB. */
export async function readingsOfInflux(
  options: InfluxOptions,
  wanted: readonly MetricId[],
): Promise<Stored[]> {
  const { url, database, user, password } = options
  const names = wanted.map((metric) => `"${metric}"`).join(', ')
  const q = `SELECT "value" FROM ${names} GROUP BY "house", "device"`
  const response = await fetch(`${url}/query`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${user}:${password}`)}` },
    body: new URLSearchParams({ q, db: database, epoch: 'ms' }),
  })
  const { results } = (await response.json()) as InfluxAnswer
  return (results[0]?.series ?? []).flatMap(({ name, tags, values }) =>
    values.map(([t, value]) => ({ ...tags, metric: name, t, value })),
  )
}
