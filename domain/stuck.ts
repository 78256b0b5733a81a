import type { MetricId } from './metrics.ts'
import { HOUR } from './time.ts'

/**
 * How long a healthy sensor may say the very same number, to its last digit, in a house with air and birds in it.
 * Own figures: what is controlled still breathes by a tenth of a degree within minutes. Metrics that rest by
 * nature (contacts, counters, light at night, gas in fresh air) are not here.
 */
const stuckAfterMs: Readonly<Partial<Record<MetricId, number>>> = {
  'air.temperature': 6 * HOUR,
  'air.humidity': 6 * HOUR,
  'air.co2': 6 * HOUR,
  'outside.temperature': 12 * HOUR,
  'thermal.mean': 2 * HOUR,
  'thermal.max': 2 * HOUR,
}
/** At its stop a sensor may stay for long: fog is 100 %. */
const stops: Readonly<Partial<Record<MetricId, readonly number[]>>> = { 'air.humidity': [0, 100] }
/** Fewer tell nothing: a sensor that speaks twice a day may say the same twice. */
const LEAST_TIMES = 12

/** The run of equal values that a series is in. */
export type Run = { value: number; since: number; last: number; times: number }

export function extendRun(run: Run | undefined, t: number, value: number): Run {
  if (!run || run.value !== value) return { value, since: t, last: t, times: 1 }
  return t > run.last ? { ...run, last: t, times: run.times + 1 } : run
}

/** The same run by a clock that is ahead by so much. */
export const shiftRun = (run: Run, byMs: number): Run => ({
  ...run,
  since: run.since + byMs,
  last: run.last + byMs,
})

export function isStuck(metric: MetricId, run: Run): boolean {
  const longest = stuckAfterMs[metric]
  if (longest === undefined || stops[metric]?.includes(run.value)) return false
  return run.last - run.since >= longest && run.times >= LEAST_TIMES
}

export const canStick = (metric: MetricId): boolean => stuckAfterMs[metric] !== undefined
