import { expect, it } from 'vitest'
import { backOff } from './back-off.ts'

const first = (count: number, random: number, firstMs: number, longestMs: number) => {
  const waits = backOff(() => random, firstMs, longestMs)
  return Array.from({ length: count }, () => waits.next().value)
}

it('doubles from the first wait up to the longest, and shortens each by up to half', () => {
  expect(first(8, 0, 1000, 60_000)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
  expect(first(7, 0, 500, 10_000)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000])
  expect(first(3, 1, 1000, 60_000)).toEqual([500, 1000, 2000])
  expect(first(2, 0.5, 500, 10_000)).toEqual([375, 750])
})
