import type { StepShape } from './step-detector.ts'

export type WeightVerdict = 'accepted' | 'too-light' | 'too-heavy' | 'several'

/** Birds differ more in their first week. */
const FIRST_WEEK_DAYS = 7
const BAND = 0.3
const FIRST_WEEK_BAND = 0.4
/** A step above this many target weights is more than one bird. */
const SEVERAL = 1.6

/** Judges the rise of the load when something stepped on, by the breed's weight at this age. Reference: domain facts §2. */
export function judgeWeight(stepG: number, targetG: number, ageDays: number): WeightVerdict {
  const band = ageDays < FIRST_WEEK_DAYS ? FIRST_WEEK_BAND : BAND
  const share = stepG / targetG
  if (share > SEVERAL) return 'several'
  if (share > 1 + band) return 'too-heavy'
  return share < 1 - band ? 'too-light' : 'accepted'
}

/** What a plateau and a step are for birds of this weight. */
export function stepShapeFor(targetG: number): StepShape {
  return { toleranceG: Math.max(0.03 * targetG, 5), minStepG: targetG / 4 }
}

/** How long a plateau must last, ms: small birds do not stay. */
export function plateauMsFor(targetG: number): number {
  return targetG < 500 ? 500 : 1_000
}
