import { HOUR } from '../time.ts'

/** Feed eaten up to a time, cumulative. */
export type EatenAt = { t: number; kg: number }

/** Birds eat by the light: a rate is one of whole days. */
const DAY_HOURS = 24
/** With less behind it no rate is said. */
const LEAST_HOURS = 6
const KEEP_HOURS = 48

/** Adds a point to the history and drops what is too old to matter; one point an hour is enough. */
export function rememberEaten(history: readonly EatenAt[], point: EatenAt): EatenAt[] {
  const recent = history.filter(({ t }) => point.t - t <= KEEP_HOURS * HOUR && t <= point.t)
  const last = recent.at(-1)
  const before = recent.at(-2)
  // The newest point moves on until an hour lies behind it.
  const kept = last && before && last.t - before.t < HOUR ? recent.slice(0, -1) : recent
  return [...kept, point]
}

/** Kilograms an hour over the last day, or over what there is of it. Undefined before `LEAST_HOURS`. */
export function eatenPerHour(history: readonly EatenAt[]): number | undefined {
  const last = history.at(-1)
  if (!last) return undefined
  const from = history.findLast(({ t }) => last.t - t >= DAY_HOURS * HOUR) ?? history[0]
  const hours = from ? (last.t - from.t) / HOUR : 0
  return from && hours >= LEAST_HOURS ? (last.kg - from.kg) / hours : undefined
}

/** When the feed ends, in hours from now. Undefined while nobody eats or the rate is not known. */
export function hoursLeft(stockKg: number, history: readonly EatenAt[]): number | undefined {
  const rate = eatenPerHour(history)
  return rate !== undefined && rate > 0 ? Math.max(0, stockKg) / rate : undefined
}
