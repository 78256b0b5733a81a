import type { MetricId } from '#domain/metrics.ts'
import { SECOND } from '#domain/time.ts'
import type { BirdWeight } from '#domain/weighing/flock-day.ts'
import type { Line } from '../embedded/readings.ts'
import type { SeriesStore } from '../series/port.ts'

/**
 * Single readings, by way of charts: in buckets of a second each bird is its own. (Charts are what every store has;
 * two birds in one second of one scale are read as their mean.)
 */
export async function singles(
  series: SeriesStore,
  {
    farm,
    house,
    metric,
    from,
    to,
  }: { farm: string; house: string; metric: MetricId; from: number; to: number },
): Promise<Line[]> {
  return series.chart(farm, house, {
    metric,
    from,
    to,
    points: Math.max(1, Math.round((to - from) / SECOND)),
  })
}

export function weightsOf(lines: readonly Line[]): BirdWeight[] {
  return lines
    .flatMap(({ t, mean }) => t.map((at, index) => ({ t: at, grams: mean[index] as number })))
    .sort((a, b) => a.t - b.t)
}
