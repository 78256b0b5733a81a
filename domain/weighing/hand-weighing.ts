/** Birds caught and weighed by a person: few, but not those that chose to come. */
export type HandWeighing = { birds: number; meanG: number; sdG: number }
export type ScaleMean = { meanG: number; low: number; high: number }
/** `handShare`: how much of the merged mean comes from the hand weighing, 0 … 1. */
export type MergedMean = ScaleMean & { handShare: number; disagree: boolean }

/** People catch the slow ones, and crates are read in steps: no hand sample is better than this share. */
const CATCHING_SHARE = 0.01
const DISAGREE = 2.6

/**
 * Joins the scale's mean and a hand weighing of the same day, each by what it is worth: the more certain counts more.
 * Where the two contradict each other, that is said: one of them is wrong, and the mean of both may be as well.
 */
export function mergeHandWeighing(scale: ScaleMean, hand: HandWeighing): MergedMean | undefined {
  if (!(hand.birds >= 2 && hand.meanG > 0 && hand.sdG >= 0)) return undefined
  const scaleError = (scale.high - scale.low) / 3.92
  const handError = Math.hypot(hand.sdG / Math.sqrt(hand.birds), CATCHING_SHARE * hand.meanG)
  const handShare = scaleError ** 2 / (scaleError ** 2 + handError ** 2)
  const meanG = scale.meanG + handShare * (hand.meanG - scale.meanG)
  const half = (1.96 * scaleError * handError) / Math.hypot(scaleError, handError)
  const apart = Math.abs(hand.meanG - scale.meanG) / Math.hypot(scaleError, handError)
  return { meanG, low: meanG - half, high: meanG + half, handShare, disagree: apart > DISAGREE }
}
