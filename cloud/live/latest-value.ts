import type { LatestValue } from '#domain/api/farm.ts'
import { type Reading, seriesKey } from '#domain/reading.ts'

export function latestValue({ series, t, value, quality, detail }: Reading): LatestValue {
  const { device, metric, by } = series
  return { device, metric, by, t, value, quality, ...(detail && { detail }) }
}

/** The newest reading of each series, in the order in which the series first appear. */
export function newestOfEach(readings: Iterable<Reading>): Reading[] {
  const newest = new Map<string, Reading>()
  for (const reading of readings) {
    const key = seriesKey(reading.series)
    const known = newest.get(key)
    if (!known || known.t <= reading.t) newest.set(key, reading)
  }
  return [...newest.values()]
}
