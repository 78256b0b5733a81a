import type { MetricId } from '#domain/metrics.ts'
import type { Reading, Series } from '#domain/reading.ts'

/** Where readings are asked for. They get in by batches (`batches/port.ts`), which know what is new. */
export type SeriesStore = {
  /** Newest reading of each series of a house. */
  latest(farm: string, house: string): Promise<Reading[]>
  /** Lines of a metric in [from, to), each cut into `points` equal buckets; buckets without readings are left out. */
  chart(farm: string, house: string, range: ChartRange): Promise<Line[]>
  /** Rejects when readings can neither be taken nor asked for. */
  check(): Promise<void>
}

export type ChartRange = { metric: MetricId; from: number; to: number; points: number }

export type Line = {
  series: Series
  bucketMs: number
  /** Bucket starts, UTC ms. */
  t: number[]
  mean: number[]
  min: number[]
  max: number[]
}
