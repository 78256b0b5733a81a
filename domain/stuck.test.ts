import { expect, it } from 'vitest'
import type { MetricId } from './metrics.ts'
import { extendRun, isStuck, type Run } from './stuck.ts'
import { HOUR, MINUTE } from './time.ts'

const run = (metric: MetricId, hours: number, everyMs: number, valueAt: (t: number) => number) => {
  let now: Run | undefined
  for (let t = 0; t <= hours * HOUR; t += everyMs) now = extendRun(now, t, valueAt(t))
  return isStuck(metric, now as Run)
}

it.each([
  ['air.temperature', 24.1, 6, true],
  ['air.temperature', 24.1, 5.9, false],
  ['air.humidity', 100, 48, false],
  ['air.humidity', 61, 6, true],
  ['power.mains', 1, 1000, false],
  ['air.nh3', 0, 1000, false],
] as const)('%s that says %d for %d h is stuck: %s', (metric, value, hours, stuck) => {
  expect(run(metric, hours, MINUTE, () => value)).toBe(stuck)
})

it('one other digit begins anew', () => {
  expect(run('air.temperature', 8, MINUTE, (t) => (t === 4 * HOUR ? 24.2 : 24.1))).toBe(false)
})

it('a sensor that speaks every two hours is not stuck for saying the same a few times', () => {
  expect(run('air.temperature', 12, 2 * HOUR, () => 24.1)).toBe(false)
})
