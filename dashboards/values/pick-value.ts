import type { LatestValue } from '#domain/api/farm.ts'
import { staleAfterMs } from './age.ts'

export type Picked = {
  value: LatestValue
  /** How many of its kind there were to choose from; 1 when none is fresh: then the newest is taken, not the worst. */
  of: number
  /** Lowest and highest among them. */
  low: number
  high: number
  isFresh: boolean
}

/**
 * The one value that stands for a metric in a house with several sensors: the worst for the birds among the
 * fresh ones (`badness` says how bad), else the newest. Undefined when there is none.
 */
export function pickValue(
  latest: readonly LatestValue[],
  metric: string,
  now: number,
  badness: (value: number) => number = (value) => value,
): Picked | undefined {
  const all = latest.filter((value) => value.metric === metric)
  const fresh = all.filter(({ t, quality }) => now - t <= staleAfterMs(metric) && quality !== 'bad')
  const [first, ...rest] = fresh.length > 0 ? fresh : all
  if (!first) return undefined
  const better = (a: LatestValue, b: LatestValue) =>
    fresh.length > 0 ? badness(b.value) > badness(a.value) : b.t > a.t
  const isFresh = fresh.length > 0
  const levels = isFresh ? fresh.map(({ value }) => value) : [first.value]
  return {
    low: Math.min(...levels),
    high: Math.max(...levels),
    value: rest.reduce((best, next) => (better(best, next) ? next : best), first),
    of: isFresh ? fresh.length : 1,
    isFresh,
  }
}

/** How bad a temperature is: its distance from the target, or simply its height without one. */
export function temperatureBadness(targetC: number | null | undefined): (value: number) => number {
  return targetC === null || targetC === undefined ? (value) => value : (value) => Math.abs(value - targetC)
}
