import { describe, expect, it } from 'vitest'
import { metricIds, metrics, roundFor } from './metrics.ts'
import { isId, rejectReason } from './reading.ts'

const NOW = Date.UTC(2026, 5, 1)

describe('the door', () => {
  it.each([
    ['air.temperature', 21.5, NOW, undefined],
    ['air.temperature', 85.1, NOW, 'implausible'],
    ['air.humidity', -0.1, NOW, 'implausible'],
    ['air.humidity', Number.NaN, NOW, 'not-a-number'],
    ['air.humidity', '50', NOW, 'not-a-number'],
    ['air.humidity', Number.POSITIVE_INFINITY, NOW, 'not-a-number'],
    ['air.oxygen', 21, NOW, 'unknown-metric'],
    ['constructor', 21, NOW, 'unknown-metric'],
    ['air.temperature', 21, NOW + 3 * 60_000, 'from-the-future'],
    ['air.temperature', 21, 86_400_000, 'before-2020'],
    ['air.temperature', 21, NOW + 0.5, 'bad-time'],
    ['air.temperature', 21, 9e15, 'bad-time'],
  ])('%s = %s at %d: %s', (metric, value, t, reason) => {
    expect(rejectReason(metric, value, t, NOW)).toBe(reason)
  })
})

it.each(metricIds)('%s has a range, and decimals that survive rounding', (id) => {
  const { min, max, decimals } = metrics[id]
  expect(min).toBeLessThan(max)
  const value = roundFor(id, (min + max) / 3)
  expect(Math.round(value * 10 ** decimals) / 10 ** decimals).toBe(value)
})

it.each([
  ['house-1', true],
  ['weigh-steps@1', true],
  ['', false],
  ['House', false],
  ['a/b', false],
  ['a|b', false],
  ['a+', false],
  ['x'.repeat(65), false],
])('id "%s": %s', (id, good) => {
  expect(isId(id)).toBe(good)
})
