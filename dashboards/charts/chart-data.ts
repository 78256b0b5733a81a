import type { ChartSeries, FlockView } from '#domain/api/farm.ts'
import { weightAt } from '#domain/breeds/breed-standard.ts'
import { findBreedStandard } from '#domain/breeds/breed-standards.ts'
import { targetTemperatureByAgeC } from '#domain/climate-targets.ts'
import { HEARTBEAT_MS } from '#domain/metrics.ts'
import { DAY, startOfLocalDay } from '#domain/time.ts'

/** Null is a gap; undefined is another line's moment, which this line passes over. */
export type Column = (number | null | undefined)[]

export type Line = { name: string; mean: Column; min?: Column; max?: Column; isTarget?: boolean }

export type ChartData = {
  /** UTC seconds, rising. */
  t: number[]
  lines: Line[]
}

export type Target = readonly { t: number; value: number }[]

/**
 * Lines of several devices on one time axis; `nameOf` says what a device is called. A hole is a gap, never a
 * straight line across.
 */
export function chartData(
  series: readonly ChartSeries[],
  target?: Target,
  nameOf: (device: string) => string = (device) => device,
): ChartData {
  const sources = series.map((one) => ({ one, at: withGaps(one) }))
  const times = new Set<number>(target?.map(({ t }) => t))
  for (const { at } of sources) for (const t of at.keys()) times.add(t)
  const t = [...times].sort((a, b) => a - b)
  const lines = sources.map(({ one, at }): Line => {
    const column = (values: readonly number[]): Column =>
      t.map((moment) => {
        const index = at.get(moment)
        return index === undefined ? undefined : index === null ? null : values[index]
      })
    return { name: nameOf(one.device), mean: column(one.mean), min: column(one.min), max: column(one.max) }
  })
  if (target && target.length > 0) {
    const at = new Map(target.map((point) => [point.t, point.value]))
    lines.push({ name: '', mean: t.map((moment) => at.get(moment)), isTarget: true })
  }
  return { t: t.map((moment) => moment / 1000), lines }
}

/** Times of a series with the index of their value; null where a gap begins. */
function withGaps(series: ChartSeries): Map<number, number | null> {
  const at = new Map<number, number | null>()
  const longest = longestStepMs(series)
  series.t.forEach((moment, index) => {
    const before = series.t[index - 1]
    if (before !== undefined && moment - before > longest) at.set(before + series.bucketMs, null)
    at.set(moment, index)
  })
  return at
}

/**
 * The longest step that is no hole. Buckets may be finer than the series speaks: a value that does not change
 * is said once a minute, a mean weight twice an hour. So the series' own pace counts as well.
 */
function longestStepMs({ t, bucketMs }: ChartSeries): number {
  const steps = t
    .slice(1)
    .map((moment, index) => moment - (t[index] ?? moment))
    .sort((a, b) => a - b)
  const usual = steps[Math.floor((steps.length - 1) / 2)] ?? 0
  return Math.max(bucketMs * 1.5, usual * 2.5, HEARTBEAT_MS * 2.5)
}

/**
 * What a meter counted from bucket to bucket. A meter that was set back says nothing about that step, and
 * neither does a step over a hole: those are left out.
 */
export function consumption(series: ChartSeries): ChartSeries {
  const t: number[] = []
  const used: number[] = []
  series.t.forEach((moment, index) => {
    const before = series.t[index - 1]
    const step = (series.max[index] ?? 0) - (series.max[index - 1] ?? 0)
    if (before === undefined || step < 0 || moment - before > series.bucketMs * 1.5) return
    t.push(moment)
    used.push(step)
  })
  return { ...series, t, mean: used, min: used, max: used }
}

const TARGET_POINTS = 48

/** The breed's weight along the range, g; empty for a custom breed and outside the table. */
export function weightTarget(flock: FlockView, timeZone: string, from: number, to: number): Target {
  const standard = findBreedStandard(flock.breed)
  if (!standard) return []
  return targetByAge(flock, timeZone, from, to, (age) => weightAt(standard, age, flock.sex))
}

/** The air temperature that the birds want along the range, °C. */
export function temperatureTarget(flock: FlockView, timeZone: string, from: number, to: number): Target {
  return targetByAge(flock, timeZone, from, to, (age) => targetTemperatureByAgeC(Math.floor(age)))
}

function targetByAge(
  { placedOn }: FlockView,
  timeZone: string,
  from: number,
  to: number,
  valueAt: (ageDays: number) => number | undefined,
): Target {
  const placedAt = startOfLocalDay(placedOn, timeZone)
  const points: { t: number; value: number }[] = []
  for (let index = 0; index <= TARGET_POINTS; index++) {
    const t = Math.round(from + ((to - from) * index) / TARGET_POINTS)
    const value = valueAt((t - placedAt) / DAY)
    if (value !== undefined) points.push({ t, value })
  }
  return points
}

export type Summary = { low: number; high: number; mean: number; total: number }

/** Lowest, highest and mean of what was measured; undefined when nothing was. */
export function summarise(series: readonly ChartSeries[]): Summary | undefined {
  const lows = series.flatMap(({ min }) => min)
  if (lows.length === 0) return undefined
  const highs = series.flatMap(({ max }) => max)
  const means = series.flatMap(({ mean }) => mean)
  const total = means.reduce((sum, value) => sum + value, 0)
  return {
    low: lows.reduce((a, b) => Math.min(a, b)),
    high: highs.reduce((a, b) => Math.max(a, b)),
    mean: total / means.length,
    total,
  }
}
