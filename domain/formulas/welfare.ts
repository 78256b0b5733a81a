import { isWithin, type Range } from './valid-range.ts'

const slaughterAgeRange: Range = [1, 120]
const birdsRange: Range = [0, 1e7]
const birdKgRange: Range = [0.005, 30]
const areaRange: Range = [0.01, 1e6]

/**
 * Most live weight on a usable square metre, kg/m². Above 33 a farm owes its authority notice and records;
 * 42 needs the mortality below and a clean history. Directive 2007/43/EC: 33 verified, the others recalled-high;
 * RSPCA and Better Chicken Commitment: recalled-high.
 */
export const densityLimitsKgPerM2 = {
  euBase: 33,
  euDocumented: 39,
  euHighest: 42,
  rspca: 30,
  betterChicken: 30,
} as const

/**
 * Cumulative daily mortality, %, below which seven flocks in a row must stay for 42 kg/m²: 1 + 0.06 · slaughter
 * age in days (1 … 120). Directive 2007/43/EC Annex V. Confidence: recalled-high.
 */
export function euMortalityLimitPercent(slaughterAgeDays: number): number | undefined {
  return isWithin(slaughterAgeDays, slaughterAgeRange) ? 1 + 0.06 * slaughterAgeDays : undefined
}

/** Live weight per usable area, kg/m², of `birds` birds of `meanKg` kg on `areaM2` m². */
export function stockingDensityKgPerM2(birds: number, meanKg: number, areaM2: number): number | undefined {
  if (!isWithin(birds, birdsRange) || !isWithin(meanKg, birdKgRange) || !isWithin(areaM2, areaRange))
    return undefined
  return (birds * meanKg) / areaM2
}
