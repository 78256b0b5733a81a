import type { MetricId } from '#domain/metrics.ts'
import type { Reading, Series } from '#domain/reading.ts'
import type { Line } from '../embedded/readings.ts'

/** Where readings are asked for. They get in by batches (`batches/port.ts`), which know what is new. */
export type SeriesStore = {
  /** Newest reading of each series of a house. */
  latest(farm: string, house: string): Promise<Reading[]>
  /** Lines of a metric in [from, to), each cut into `points` equal buckets; buckets without readings are left out. */
  chart(farm: string, house: string, range: ChartRange): Promise<Line[]>
  /**
   * When the readings of one series in [from, to) were measured, in order, counted in the store itself. `before`: the
   * last one before `from`.
   */
  times(farm: string, series: Series, range: { from: number; to: number }): Promise<Times>
  /** Rejects when readings can neither be taken nor asked for. */
  check(): Promise<void>
}

export type Times = { times: number[]; before?: number }

export type ChartRange = { metric: MetricId; from: number; to: number; points: number }
