/** Birds on the plate, and birds partly on it. `inside`: how surely each value is a whole bird, 0 … 1. */
export type Mixture = { meanG: number; sdG: number; inside: number[]; partlyShare: number }

const ROUNDS = 40
/** Loads of a bird that is partly on: from here to its whole weight, as shares of the mean; all equally likely. */
const LEAST_PART = 0.6
const START_SHARE = 0.03

/**
 * Splits the weights of a day into a normal flock and a few that are too light because the bird stood partly beside
 * the plate, by expectation and maximization. A flock alone leaves next to nothing in the second part.
 */
export function normalMixture(values: readonly number[]): Mixture {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] as number
  let meanG = at(0.5)
  // From the upper half alone: what is partly on lies in the lower.
  let sdG = Math.max((at(0.84) - meanG) / 0.994, 0.005 * meanG)
  let partlyShare = START_SHARE
  let inside: number[] = values.map(() => 1)
  for (let round = 0; round < ROUNDS; round++) {
    const density = 1 / ((1 - LEAST_PART) * meanG)
    inside = values.map((value) => {
      const whole = ((1 - partlyShare) * Math.exp(-0.5 * ((value - meanG) / sdG) ** 2)) / (sdG * 2.50662827)
      const isBelow = value > LEAST_PART * meanG && value < meanG
      const partly = isBelow ? partlyShare * density : partlyShare * density * 0.02
      return whole / (whole + partly)
    })
    const all = inside.reduce((sum, weight) => sum + weight, 0)
    meanG = inside.reduce((sum, weight, index) => sum + weight * (values[index] as number), 0) / all
    const squares = inside.reduce(
      (sum, weight, index) => sum + weight * ((values[index] as number) - meanG) ** 2,
      0,
    )
    sdG = Math.max(Math.sqrt((squares / all) * (values.length / (values.length - 1))), 0.002 * meanG)
    partlyShare = 1 - all / values.length
  }
  return { meanG, sdG, inside, partlyShare }
}
