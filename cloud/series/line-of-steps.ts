import type { Reading } from '#domain/reading.ts'
import type { Line } from '../embedded/readings.ts'
import type { ChartRange } from './port.ts'

/**
 * A line for a value that holds until it is changed (the head-count of the books). The chart gets the value
 * that held when the range begins, one point where it changes, no points in between.
 * `steps` by rising time, of one series. An empty list gives no line.
 */
export function lineOfSteps(steps: readonly Reading[], { from, to, points }: ChartRange): Line[] {
  const bucketMs = Math.max(1, (to - from) / points)
  const buckets = new Map<number, { t: number; values: number[] }>()
  const before = steps.findLast(({ t }) => t < from)
  if (before) buckets.set(0, { t: from, values: [before.value] })
  for (const { t, value } of steps) {
    if (t < from || t >= to) continue
    const at = Math.floor((t - from) / bucketMs)
    const bucket = buckets.get(at)
    if (bucket) bucket.values.push(value)
    else buckets.set(at, { t: Math.round(from + at * bucketMs), values: [value] })
  }
  const [first] = steps
  const filled = [...buckets.values()]
  if (!first || filled.length === 0) return []
  return [
    {
      series: first.series,
      bucketMs,
      t: filled.map(({ t }) => t),
      mean: filled.map(({ values }) => values.at(-1) ?? 0),
      min: filled.map(({ values }) => Math.min(...values)),
      max: filled.map(({ values }) => Math.max(...values)),
    },
  ]
}
