import { describe, expect, it } from 'vitest'
import type { SeriesRun } from '#domain/columns/runs.ts'
import type { MetricId } from '#domain/metrics.ts'
import { MINUTE } from '#domain/time.ts'
import { meansOfHours } from './thinning.ts'

const T0 = Date.UTC(2026, 5, 1)

describe('a mean of an hour', () => {
  const run = (metric: MetricId, v: number[]): SeriesRun => ({
    series: { house: 'h1', device: 'd1', metric, source: 'sensor', by: '' },
    t: v.map((_, index) => T0 + index * 25 * MINUTE),
    v,
  })
  it.each([
    ['air.temperature', [200, 210, 220, 400], [210, 400]],
    ['water.volume', [10, 20, 30, 40], [30, 40]],
    ['fan.running', [1, 1, 0, 1], [0, 1]],
    ['bird.deaths', [1, 2, 3, 4], [6, 4]],
  ] as const)('of %s', (metric, v, means) => {
    expect(meansOfHours(run(metric, [...v])).v).toEqual(means)
  })
})
