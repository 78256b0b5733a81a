/** Two sexes in one house, each as a normal of the same CV. Masses in g, shares 0 … 1. */
export type SexSplit = { lightG: number; heavyG: number; heavyShare: number; cvPercent: number }

const ROUNDS = 80
const MIN_BIRDS = 200
/** Standard deviations between the two, and what the split must explain (BIC), to be believed. */
const MIN_SEPARATION = 1.5
const MIN_GAIN = 10
const SQRT_TAU = 2.50662827

/**
 * Cocks and hens as two components, where the data allow it: undefined when one normal explains the weights as well,
 * which in a young flock or one of a CV above 9 % is the rule (domain facts §2).
 */
export function splitSexes(weightsG: readonly number[]): SexSplit | undefined {
  const n = weightsG.length
  if (n < MIN_BIRDS) return undefined
  const mean = weightsG.reduce((sum, grams) => sum + grams, 0) / n
  const sd = Math.sqrt(weightsG.reduce((sum, grams) => sum + (grams - mean) ** 2, 0) / n)
  let light = mean - 0.8 * sd
  let heavy = mean + 0.8 * sd
  let spread = 0.6 * sd
  let share = 0.5
  let logLikelihood = 0
  for (let round = 0; round < ROUNDS; round++) {
    let heavies = 0
    let heavySum = 0
    let lightSum = 0
    let squares = 0
    logLikelihood = 0
    for (const grams of weightsG) {
      const asHeavy = (share / (spread * SQRT_TAU)) * Math.exp(-0.5 * ((grams - heavy) / spread) ** 2)
      const asLight = ((1 - share) / (spread * SQRT_TAU)) * Math.exp(-0.5 * ((grams - light) / spread) ** 2)
      const belongs = asHeavy / (asHeavy + asLight || 1)
      heavies += belongs
      heavySum += belongs * grams
      lightSum += (1 - belongs) * grams
      squares += belongs * (grams - heavy) ** 2 + (1 - belongs) * (grams - light) ** 2
      logLikelihood += Math.log(asHeavy + asLight || 1e-300)
    }
    if (heavies < 1 || n - heavies < 1) return undefined
    heavy = heavySum / heavies
    light = lightSum / (n - heavies)
    spread = Math.sqrt(squares / n)
    share = heavies / n
  }
  const single = -n * (Math.log(sd * SQRT_TAU) + 0.5)
  // Two parameters more than one normal.
  const gain = 2 * (logLikelihood - single) - 2 * Math.log(n)
  if (heavy - light < MIN_SEPARATION * spread || gain < MIN_GAIN) return undefined
  return { lightG: light, heavyG: heavy, heavyShare: share, cvPercent: (200 * spread) / (light + heavy) }
}
