/** A clock is passed in, never reached for: tests and the simulator bring their own. */
export type Clock = {
  /** UTC milliseconds. May jump. */
  now(): number
  /** Milliseconds since an arbitrary start. Never jumps. */
  monotonic(): number
}

/** The clock of a machine. Its `monotonic` counts from the machine's start, and so is the same in all its programs. */
export type BootClock = Clock & {
  /** 16 hex digits, others after every start. */
  boot: string
}

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** A reading is late for a judge when it arrives more than this after it was measured. */
export const LATE_AFTER_MS = 2 * MINUTE

/** Measured at `t` and here at `receivedAt`: too late to be judged, or shown, as something of now. */
export function isLate(t: number, receivedAt: number): boolean {
  return receivedAt - t > LATE_AFTER_MS
}

/** Readings stamped further ahead than this are refused: a clock that far off says nothing. */
export const MAX_AHEAD_MS = 2 * MINUTE

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterFor(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
    formatters.set(timeZone, formatter)
  }
  return formatter
}

/** True for an IANA zone name that this runtime knows, e.g. `Asia/Shanghai`. */
export function isTimeZone(timeZone: string): boolean {
  try {
    formatterFor(timeZone)
    return true
  } catch {
    return false
  }
}

/** The calendar day `YYYY-MM-DD` of an instant, in the house's own zone. */
export function localDay(t: number, timeZone: string): string {
  return formatterFor(timeZone).format(t)
}

/** Day number of a calendar day, counted in whole days since 1970-01-01. */
export function dayNumber(day: string): number {
  return Math.floor(Date.parse(`${day}T00:00:00Z`) / DAY)
}

/** True for a day that the calendar has, written `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  const t = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(t) && new Date(t).toISOString().startsWith(`${text}T`)
}

/** Age of a flock in whole days: the placement day is 0, the day turns at local midnight. */
export function ageInDays(placedOn: string, t: number, timeZone: string): number {
  return dayNumber(localDay(t, timeZone)) - dayNumber(placedOn)
}

/**
 * First instant of a local calendar day, UTC ms. Searches the hour grid around the guess, then bisects to
 * the millisecond, so days of 23 and 25 hours and zones with half-hour offsets come out right.
 */
export function startOfLocalDay(day: string, timeZone: string): number {
  let low = Date.parse(`${day}T00:00:00Z`) - 15 * HOUR
  let high = low + 30 * HOUR
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (localDay(middle, timeZone) < day) low = middle
    else high = middle
  }
  return high
}
