import { HEARTBEAT_MS, type MetricId, metrics, roundFor } from '#domain/metrics.ts'
import { MAX_AHEAD_MS, SECOND } from '#domain/time.ts'

/** A measured value that moves all the time is said at most this often. */
export const MIN_PERIOD_MS = SECOND

/**
 * Report by exception, for one device: of the values measured at `t` (ms of any one clock), keeps those that moved by
 * their metric's deadband, those not said for `HEARTBEAT_MS`, and every change of a state. Values are
 * rounded to the decimals that carry meaning.
 */
export type ReportFilter = {
  /** Undefined when nothing is worth saying. */
  pass(t: number, values: Readonly<Partial<Record<MetricId, number>>>): Report | undefined
}
export type Report = { t: number; values: Partial<Record<MetricId, number>> }

export function createReportFilter(): ReportFilter {
  const said = new Map<MetricId, { t: number; value: number }>()
  let lastT = 0
  return {
    pass(measuredAt, measured) {
      const t = laterThan(lastT, measuredAt)
      const values: Report['values'] = {}
      for (const [metric, raw] of Object.entries(measured) as [MetricId, number][]) {
        const value = roundFor(metric, raw)
        if (!isNews(metric, value, t, said.get(metric))) continue
        said.set(metric, { t, value })
        values[metric] = value
      }
      if (Object.keys(values).length === 0) return undefined
      lastT = t
      return { t, values }
    },
  }
}

/**
 * Times of a series only go up, for the edge takes two values of one time for one reading. When the clock
 * was put back further than the edge lets a reading be ahead, the clock is right and the times follow it.
 */
function laterThan(last: number, t: number): number {
  return t > last || last - t > MAX_AHEAD_MS ? t : last + 1
}

function isNews(
  metric: MetricId,
  value: number,
  t: number,
  last: { t: number; value: number } | undefined,
): boolean {
  if (!last || t < last.t || t - last.t >= HEARTBEAT_MS) return true
  const { aggregate, deadband } = metrics[metric]
  if (aggregate === 'last') return value !== last.value
  if (t - last.t < MIN_PERIOD_MS) return false
  const moved = roundFor(metric, Math.abs(value - last.value))
  return moved > 0 && moved >= deadband
}
