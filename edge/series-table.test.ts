import { expect, it } from 'vitest'
import { MAX_AHEAD_MS } from '#domain/time.ts'
import { createSeriesTable } from './series-table.ts'

it('gives values of one millisecond times of their own, by series, and follows a clock set back', () => {
  const table = createSeriesTable()
  const mains = table.sensor('h1', 'esp-1', 'power.mains')
  const fan = table.sensor('h1', 'esp-1', 'fan.running')
  const now = Date.UTC(2026, 5, 1)
  expect([table.stamp(mains, now), table.stamp(mains, now), table.stamp(fan, now)]).toEqual([
    now,
    now + 1,
    now,
  ])
  expect(table.stamp(mains, now + 5)).toBe(now + 5)
  expect(table.stamp(mains, now + 3)).toBe(now + 6)
  const earlier = now - MAX_AHEAD_MS - 1000
  expect(table.stamp(mains, earlier)).toBe(earlier)
})
