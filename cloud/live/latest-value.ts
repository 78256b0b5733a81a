import type { LatestValue } from '#domain/api/farm.ts'
import { readingsOf, type SeriesRun } from '#domain/columns/runs.ts'
import { type Reading, seriesKey } from '#domain/reading.ts'

export function latestValue({ series, t, value, quality, detail }: Reading, late: boolean): LatestValue {
  const { device, metric, by } = series
  return { device, metric, by, t, value, quality, ...(late && { late }), ...(detail && { detail }) }
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

export function newestOfRun({ series, t, v, marks }: SeriesRun): Reading {
  const last = t.length - 1
  const mark = marks?.get(last)
  const run: SeriesRun = {
    series,
    t: t.slice(-1),
    v: v.slice(-1),
    ...(mark && { marks: new Map([[0, mark]]) }),
  }
  return readingsOf(run)[0] as Reading
}
