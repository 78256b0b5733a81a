import { isWithin, type Range } from './valid-range.ts'

/** Litres of water per kg of feed at 21 °C under nipples. One transcription: verified-once; flocks range 1.6 … 2.0. */
const BASE_WATER_TO_FEED = 1.8
const waterToFeedRange: Range = [1, 4]

const BASE_C = 21
/** 6 … 7 % more water for each °C above 21, taken as linear. Confidence: recalled-high. */
const RISE_PER_C = 0.065
/** Below, broilers are brooded or chilled; above, birds stop eating and the rule no longer holds. */
const waterTemperatureRange: Range = [10, 38]
const feedRange: Range = [0, 1e6]

/**
 * Expected litres of water per kg of feed at a house temperature in °C (10 … 38). `baseRatio` (1 … 4) is the
 * house's own ratio at 21 °C where it is known. Flat below 21 °C. A guide, not a limit: alarms compare a
 * flock with itself.
 */
export function expectedWaterToFeed(airC: number, baseRatio = BASE_WATER_TO_FEED): number | undefined {
  if (!isWithin(airC, waterTemperatureRange) || !isWithin(baseRatio, waterToFeedRange)) return undefined
  return baseRatio * (1 + RISE_PER_C * Math.max(0, airC - BASE_C))
}

/** Measured litres per kg of feed. Undefined without feed. */
export function waterToFeed(waterL: number, feedKg: number): number | undefined {
  if (!isWithin(waterL, feedRange) || !isWithin(feedKg, feedRange) || feedKg === 0) return undefined
  const ratio = waterL / feedKg
  return Number.isFinite(ratio) ? ratio : undefined
}
