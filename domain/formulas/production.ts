import { isWithin, percentRange, type Range } from './valid-range.ts'

const ageRange: Range = [0, 1000]
/** Mass of one bird, kg, and of a house full of them. */
const birdKgRange: Range = [0.005, 30]
const totalKgRange: Range = [0, 1e8]
/** What is divided by: less than a gram of birds is none. */
const onHandKgRange: Range = [0.001, 2e8]
const fcrRange: Range = [0.1, 20]
const birdsRange: Range = [1, 1e7]

/** kg of live weight that move the FCR by 1: 0.01 for every 40 g. Houses use 3.6 … 4.5. recalled-medium. */
const DEFAULT_KG_PER_FCR_POINT = 4
const kgPerFcrPointRange: Range = [2, 8]

/**
 * Feed conversion, kg feed per kg live weight: feed eaten since placement over the weight on hand, as breeder
 * tables and the trade count it (not over the gain: the chick's 40 g are in the denominator). Confidence:
 * derived, every row of the shipped tables from day 8 agrees within 0.003.
 */
export function feedConversion(feedKg: number, liveWeightKg: number): number | undefined {
  if (!isWithin(feedKg, totalKgRange) || !isWithin(liveWeightKg, onHandKgRange)) return undefined
  return feedKg / liveWeightKg
}

/** Feed per kg of gain: the research definition, always above `feedConversion`. All in kg. Say which one is shown. */
export function feedConversionOfGain(
  feedKg: number,
  liveWeightKg: number,
  placedWeightKg: number,
): number | undefined {
  if (!isWithin(placedWeightKg, [0, liveWeightKg])) return undefined
  return feedConversion(feedKg, liveWeightKg - placedWeightKg)
}

/** Feed over live weight plus the weight of the birds that died, kg: what the feed made, not what was sold. */
export function mortalityAdjustedFeedConversion(
  feedKg: number,
  liveWeightKg: number,
  deadWeightKg: number,
): number | undefined {
  if (!isWithin(deadWeightKg, totalKgRange)) return undefined
  return feedConversion(feedKg, liveWeightKg + deadWeightKg)
}

/**
 * FCR as it would be at the reference weight: FCR + (reference − weight) / k, weights in kg per bird, k in
 * kg per FCR point (2 … 8). A bird above the reference is credited. Confidence: recalled-medium.
 */
export function weightCorrectedFeedConversion(
  fcr: number,
  birdKg: number,
  referenceKg: number,
  kgPerFcrPoint = DEFAULT_KG_PER_FCR_POINT,
): number | undefined {
  if (!isWithin(fcr, fcrRange) || !isWithin(kgPerFcrPoint, kgPerFcrPointRange)) return undefined
  if (!isWithin(birdKg, birdKgRange) || !isWithin(referenceKg, birdKgRange)) return undefined
  return fcr + (referenceKg - birdKg) / kgPerFcrPoint
}

/**
 * European production efficiency factor: livability % · weight kg / (age d · FCR) · 100. PMC7597817 table 4,
 * confidence: verified. Leaving out livability, as some pages do, is wrong.
 */
export function productionEfficiency(
  livability: number,
  birdKg: number,
  ageDays: number,
  fcr: number,
): number | undefined {
  if (!isWithin(livability, percentRange) || !isWithin(birdKg, birdKgRange)) return undefined
  if (!isWithin(ageDays, ageRange) || ageDays === 0 || !isWithin(fcr, fcrRange)) return undefined
  return ((livability * birdKg) / (ageDays * fcr)) * 100
}

/** Gain, g/day, between two weights in g that lie `days` apart (> 0). */
export function averageDailyGainG(startG: number, endG: number, days: number): number | undefined {
  if (!isWithin(startG, [0, 30_000]) || !isWithin(endG, [0, 30_000])) return undefined
  return isWithin(days, ageRange) && days > 0 ? (endG - startG) / days : undefined
}

/** Share of the placed birds that are not lost, %. `lost` is dead and culled birds, 0 … placed. */
export function livabilityPercent(placed: number, lost: number): number | undefined {
  if (!isWithin(placed, birdsRange) || !isWithin(lost, [0, placed])) return undefined
  return (100 * (placed - lost)) / placed
}

/** Weight as a share of the standard, %. Both in g. */
export function performanceIndexPercent(weightG: number, targetG: number): number | undefined {
  if (!isWithin(weightG, [5, 30_000]) || !isWithin(targetG, [5, 30_000])) return undefined
  return (100 * weightG) / targetG
}
