import { expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '#domain/time.ts'
import { windowOf } from './chart-window.ts'

const zone = 'Asia/Shanghai'
/** 10:07:20 in Shanghai. */
const now = Date.UTC(2026, 4, 1, 2, 7, 20)

it('lines end at the next whole step, and keep it until then', () => {
  expect(windowOf('hour', false, now, zone)).toEqual({
    from: Date.UTC(2026, 4, 1, 1, 8),
    to: Date.UTC(2026, 4, 1, 2, 8),
    askFrom: Date.UTC(2026, 4, 1, 1, 8),
    points: 240,
  })
  expect(windowOf('hour', false, now + 30_000, zone)).toEqual(windowOf('hour', false, now, zone))
  const day = windowOf('day', false, now, zone)
  expect(day.to - now).toBeLessThan(6 * MINUTE)
  expect(day.to - day.from).toBe(DAY)
})

it('bars of a meter stand on the clock, with the reading before the first of them', () => {
  const day = windowOf('day', true, now, zone)
  expect(day).toMatchObject({ to: Date.UTC(2026, 4, 1, 3), points: 25 })
  expect(day.from - day.askFrom).toBe(HOUR)
})

it('days run from midnight to midnight of the house', () => {
  const midnight = Date.UTC(2026, 4, 1, 16)
  expect(windowOf('week', true, now, zone)).toEqual({
    from: midnight - 7 * DAY,
    to: midnight,
    askFrom: midnight - 8 * DAY,
    points: 8,
  })
  // The day before clocks change by an hour still ends at its own midnight.
  expect(windowOf('week', true, Date.UTC(2026, 9, 25, 12), 'Europe/Berlin').to).toBe(
    Date.UTC(2026, 9, 25, 23),
  )
})
