import { isMetric, type MetricId, metrics } from './metrics.ts'
import { MAX_AHEAD_MS } from './time.ts'

/** How far a value can be trusted. Stored as its index. */
export const qualities = ['good', 'suspect', 'bad', 'estimated'] as const
export type Quality = (typeof qualities)[number]

export const sources = ['sensor', 'model', 'person'] as const
export type Source = (typeof sources)[number]

/**
 * What a value is a value of. `by` names the model (`weigh-steps@1`) or the person behind it, and is empty
 * for a sensor: a new model version starts a new series, so that figures of two models never mix unseen.
 */
export type Series = {
  house: string
  device: string
  metric: MetricId
  source: Source
  by: string
}

/** What stands behind a value that is an estimate: how many birds or samples, which interval, which picture. */
export type Detail = {
  n?: number
  low?: number
  high?: number
  evidence?: string
}

/** One measured value. Identity is (series, t): the same reading said twice counts once. */
export type Reading = {
  series: Series
  /** UTC ms at which it was measured. */
  t: number
  value: number
  quality: Quality
  detail?: Detail
}

/** A key that is unique for a series; its parts hold no `|` (see `isId`). */
export function seriesKey(series: Series): string {
  return `${series.house}|${series.device}|${series.metric}|${series.source}|${series.by}`
}

const ID = /^[a-z0-9][a-z0-9._@-]{0,63}$/

/** Ids of farms, houses, devices and models: short, lower case, safe in topics, paths and keys. */
export function isId(id: string): boolean {
  return ID.test(id)
}

export type RejectReason =
  | 'unknown-metric'
  | 'not-a-number'
  | 'implausible'
  | 'from-the-future'
  | 'before-2020'
  | 'bad-time'

/** Earliest time that a reading may carry: an edge without a clock starts in 1970 or at its build date. */
export const EARLIEST = Date.UTC(2020, 0, 1)
/** What a Date can hold. */
const MAX_INSTANT = 8.64e15

/** True for a whole number of ms since 1970 that is a date at all, however wrong. */
export function isInstant(t: number): boolean {
  return Number.isInteger(t) && t >= 0 && t <= MAX_INSTANT
}

/** Judges one value at the door. Returns the reason it is refused, or undefined when it is fine. */
export function rejectReason(
  metric: string,
  value: unknown,
  t: number,
  now: number,
): RejectReason | undefined {
  if (!isMetric(metric)) return 'unknown-metric'
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'not-a-number'
  const { min, max } = metrics[metric]
  if (value < min || value > max) return 'implausible'
  if (!isInstant(t)) return 'bad-time'
  if (t < EARLIEST) return 'before-2020'
  if (t > now + MAX_AHEAD_MS) return 'from-the-future'
  return undefined
}
