import { type MetricId, metrics } from '../metrics.ts'
import { type Detail, type Quality, type Reading, type Series, seriesKey } from '../reading.ts'

/** What is said of one reading beyond its value. */
export type Mark = { quality: Quality; detail?: Detail }

/**
 * Readings of one series, in the order of their times. `v` counts in units of the metric's last decimal. `marks`
 * holds, by position, those that are not plainly good.
 */
export type SeriesRun = { series: Series; t: number[]; v: number[]; marks?: Map<number, Mark> }

export function isPlain(reading: Reading): boolean {
  return reading.quality === 'good' && reading.detail === undefined
}

/** 10^decimals of a metric; 1 for one that this version does not know. */
export function unitsOf(metric: string): number {
  return Object.hasOwn(metrics, metric) ? 10 ** metrics[metric as MetricId].decimals : 1
}

/**
 * Sorts readings into runs, each of one series and in the order of time. Of two with the same time the first stands.
 * Values are rounded to the metric's decimals.
 */
export function runsOf(readings: readonly Reading[]): SeriesRun[] {
  const bySeries = new Map<string, Reading[]>()
  for (const reading of readings) {
    const key = seriesKey(reading.series)
    const list = bySeries.get(key)
    if (list) list.push(reading)
    else bySeries.set(key, [reading])
  }
  return [...bySeries.values()].map((arrived) => {
    const list = inOrder(arrived)
    const { series } = list[0] as Reading
    const units = unitsOf(series.metric)
    const run: SeriesRun = {
      series,
      t: list.map(({ t }) => t),
      v: list.map(({ value }) => Math.round(value * units)),
    }
    list.forEach((reading, index) => {
      if (isPlain(reading)) return
      run.marks ??= new Map()
      const { quality, detail } = reading
      run.marks.set(index, { quality, ...(detail && { detail }) })
    })
    return run
  })
}

function inOrder(readings: Reading[]): Reading[] {
  const isAfter = ({ t }: Reading, index: number) => index === 0 || t > (readings[index - 1] as Reading).t
  if (readings.every(isAfter)) return readings
  return readings.sort((a, b) => a.t - b.t).filter(isAfter)
}

export function readingsOf({ series, t, v, marks }: SeriesRun): Reading[] {
  const units = unitsOf(series.metric)
  return t.map((time, index) => {
    const mark = marks?.get(index)
    return {
      series,
      t: time,
      value: (v[index] as number) / units,
      quality: mark?.quality ?? 'good',
      ...(mark?.detail && { detail: mark.detail }),
    }
  })
}
