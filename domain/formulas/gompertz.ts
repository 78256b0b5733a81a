import { isWithin, type Range } from './valid-range.ts'

/** W(t) = A · exp(−B · exp(−k · t)), t in days. */
export type Gompertz = {
  /** Asymptote A, g. */
  adultG: number
  /** B, without unit. */
  displacement: number
  /** k, per day. */
  ratePerDay: number
  /** Ages at which the fit was made; it says nothing outside. */
  validDays: Range
}

/**
 * Fitted to the shipped tables (weighted least squares, day 0 to 56). Confidence: derived. Only for smoothing
 * and forecasts: targets come from the tables, and at placement the curves start near 62 g, not at 44 g.
 */
export const gompertzFits = {
  'ross-308-2022': fitted(6354, 4.628, 0.04359),
  'ross-308-2022-male': fitted(7167, 4.762, 0.04276),
  'ross-308-2022-female': fitted(5559, 4.483, 0.04472),
  'cobb-500-2022': fitted(6392, 4.782, 0.0473),
} as const

/** Weight, g, at an age in days within the curve's valid days. */
export function gompertzWeightG(curve: Gompertz, ageDays: number): number | undefined {
  if (!isWithin(ageDays, curve.validDays)) return undefined
  return curve.adultG * Math.exp(-curve.displacement * Math.exp(-curve.ratePerDay * ageDays))
}

/** Gain, g/day, at an age: the slope k · W · ln(A/W). */
export function gompertzGainG(curve: Gompertz, ageDays: number): number | undefined {
  const weight = gompertzWeightG(curve, ageDays)
  return weight === undefined ? undefined : curve.ratePerDay * weight * Math.log(curve.adultG / weight)
}

/** Age of fastest growth, days: ln(B)/k. Undefined for a curve that never had one. */
export function gompertzInflectionDays(curve: Gompertz): number | undefined {
  const days = Math.log(curve.displacement) / curve.ratePerDay
  return isWithin(days, [0, 1000]) ? days : undefined
}

function fitted(adultG: number, displacement: number, ratePerDay: number): Gompertz {
  return { adultG, displacement, ratePerDay, validDays: [0, 56] }
}
