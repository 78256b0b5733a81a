import { describe, expect, it } from 'vitest'
import { ageInDays, DAY, HOUR, isDay, isTimeZone, localDay, startOfLocalDay } from './time.ts'

describe('the local day', () => {
  it.each([
    ['2026-03-29', 'Europe/Berlin', 23],
    ['2026-10-25', 'Europe/Berlin', 25],
    ['2026-06-01', 'Europe/Berlin', 24],
    ['2026-06-01', 'Asia/Shanghai', 24],
    ['2026-10-04', 'Australia/Lord_Howe', 23.5],
    ['2026-04-05', 'Australia/Lord_Howe', 24.5],
    ['2026-06-01', 'Asia/Kathmandu', 24],
  ])('%s in %s has %d hours', (day, zone, hours) => {
    const start = startOfLocalDay(day, zone)
    const next = localDay(start + 1.2 * DAY, zone)
    expect(localDay(start, zone)).toBe(day)
    expect(localDay(start - 1, zone)).not.toBe(day)
    expect((startOfLocalDay(next, zone) - start) / HOUR).toBe(hours)
  })

  it('of a farm east of its cloud begins before the cloud’s', () => {
    const evening = Date.parse('2026-06-01T18:00:00Z')
    expect(localDay(evening, 'Asia/Shanghai')).toBe('2026-06-02')
    expect(localDay(evening, 'UTC')).toBe('2026-06-01')
  })
})

describe('age', () => {
  it('is 0 on the day of placement and turns at local midnight, also over a change of clocks', () => {
    const zone = 'Europe/Berlin'
    expect(ageInDays('2026-03-28', Date.parse('2026-03-28T22:59:00Z'), zone)).toBe(0)
    expect(ageInDays('2026-03-28', Date.parse('2026-03-28T23:01:00Z'), zone)).toBe(1)
    expect(ageInDays('2026-03-28', Date.parse('2026-03-29T21:59:00Z'), zone)).toBe(1)
    expect(ageInDays('2026-03-28', Date.parse('2026-03-29T22:01:00Z'), zone)).toBe(2)
  })
})

it('knows zones from nonsense', () => {
  expect(isTimeZone('Asia/Shanghai')).toBe(true)
  expect(isTimeZone('Asia/Chicken')).toBe(false)
})

it.each([
  ['2026-02-28', true],
  ['2024-02-29', true],
  ['2026-02-29', false],
  ['2026-13-01', false],
  ['2026-1-1', false],
  ['', false],
])('%s is a day: %s', (text, is) => {
  expect(isDay(text)).toBe(is)
})
