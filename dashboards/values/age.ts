import { isMetric, type MetricId } from '#domain/metrics.ts'
import { DAY, HOUR, MINUTE, SECOND } from '#domain/time.ts'
import type { Texts } from '../i18n/en.ts'

/** A value older than this is said to be stale, in words. */
export const STALE_AFTER_MS = 2 * MINUTE
/** What is worked out from many birds changes slowly and is said anew when a bird has been weighed. */
const SLOW_STALE_AFTER_MS = HOUR
const slow: readonly MetricId[] = [
  'bird.weight',
  'bird.weight.mean',
  'bird.weight.cv',
  'bird.weight.uniformity',
  'bird.count',
  'bird.deaths',
]

export function staleAfterMs(metric?: string): number {
  return metric !== undefined && isMetric(metric) && slow.includes(metric)
    ? SLOW_STALE_AFTER_MS
    : STALE_AFTER_MS
}

/** `12 s ago`. A time ahead of us is `now`: clocks differ by a little. `t` 0 is `never`. */
export function ageText(t: number, now: number, { age }: Pick<Texts, 'age'>): string {
  if (t === 0) return age.never
  const ms = now - t
  if (ms < SECOND) return age.now
  if (ms < MINUTE) return age.seconds(Math.floor(ms / SECOND))
  if (ms < HOUR) return age.minutes(Math.floor(ms / MINUTE))
  if (ms < 2 * DAY) return age.hours(Math.floor(ms / HOUR))
  return age.days(Math.floor(ms / DAY))
}

/** How long something lasts: `3 h 20 min`. */
export function spanText(ms: number, { span }: Pick<Texts, 'span'>): string {
  if (ms < MINUTE) return span.seconds(Math.max(0, Math.floor(ms / SECOND)))
  if (ms < HOUR) return span.minutes(Math.floor(ms / MINUTE))
  if (ms < 2 * DAY) return span.hours(Math.floor(ms / HOUR), Math.floor((ms % HOUR) / MINUTE))
  return span.days(Math.floor(ms / DAY))
}
