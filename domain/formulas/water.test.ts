import { expect, it } from 'vitest'
import { expectedWaterToFeed, waterToFeed } from './water.ts'

it.each([
  [15, 1.8],
  [21, 1.8],
  [22, 1.917],
  [31, 2.97],
])('expects at %d °C a ratio of %d', (airC, ratio) => {
  expect(expectedWaterToFeed(airC)).toBeCloseTo(ratio, 9)
})

it("starts from the house's own ratio", () => {
  expect(expectedWaterToFeed(21, 1.65)).toBe(1.65)
})

it.each([
  [9, 1.8],
  [39, 1.8],
  [Number.NaN, 1.8],
  [21, 0.5],
  [21, Number.NaN],
])('expects nothing at %d °C from a base of %d', (airC, base) => {
  expect(expectedWaterToFeed(airC, base)).toBeUndefined()
})

it('measures a ratio, none without feed', () => {
  expect(waterToFeed(1800, 1000)).toBe(1.8)
  expect(waterToFeed(1800, 0)).toBeUndefined()
  expect(waterToFeed(-1, 1000)).toBeUndefined()
  expect(waterToFeed(Number.NaN, 1000)).toBeUndefined()
  expect(waterToFeed(1e6, Number.MIN_VALUE)).toBeUndefined()
})
