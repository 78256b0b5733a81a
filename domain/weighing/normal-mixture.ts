/**
 * Birds on the plate, birds partly on it, and what is no single bird at all. `inside`: how surely each value is a
 * whole bird, 0 … 1.
 */
export type Mixture = { meanG: number; sdG: number; inside: number[]; partlyShare: number }

const ROUNDS = 50
/** Loads of a bird that is partly on: from here to its whole weight, as shares of the mean; all equally likely. */
const LEAST_PART = 0.6
/** Mistakes (two birds that moved as one, a step that was read wrong) lie anywhere in the band. */
const WIDEST = [0.55, 1.5] as const
const START_SHARE = 0.02

/**
 * Splits the weights of a day into a normal flock, a few that are too light because the bird stood partly beside
 * the plate, and a few mistakes, by expectation and maximization. A clean flock leaves next to nothing in the
 * second and third part.
 */
export function normalMixture(values: readonly number[]): Mixture {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] as number
  let meanG = at(0.5)
  // From the upper half alone: what is partly on lies in the lower.
  let sdG = Math.max((at(0.84) - meanG) / 0.994, 0.005 * meanG)
  let partlyShare = START_SHARE
  let wrongShare = START_SHARE
  const inside = values.map(() => 1)
  for (let round = 0; round < ROUNDS; round++) {
    const partlyDensity = partlyShare / ((1 - LEAST_PART) * meanG)
    const wrongDensity = wrongShare / ((WIDEST[1] - WIDEST[0]) * meanG)
    const height = (1 - partlyShare - wrongShare) / (sdG * 2.50662827)
    let all = 0
    let sum = 0
    let partly = 0
    for (let index = 0; index < values.length; index++) {
      const value = values[index] as number
      const whole = height * Math.exp(-0.5 * ((value - meanG) / sdG) ** 2)
      const isPart = value > LEAST_PART * meanG && value < meanG
      const part = isPart ? partlyDensity : 0
      const either = whole + part + wrongDensity
      inside[index] = whole / either
      all += whole / either
      sum += (value * whole) / either
      partly += part / either
    }
    meanG = sum / all
    let squares = 0
    for (let index = 0; index < values.length; index++) {
      squares += (inside[index] as number) * ((values[index] as number) - meanG) ** 2
    }
    sdG = Math.max(Math.sqrt((squares / all) * (values.length / (values.length - 1))), 0.002 * meanG)
    partlyShare = partly / values.length
    wrongShare = Math.max(1e-4, 1 - (all + partly) / values.length)
  }
  return { meanG, sdG, inside, partlyShare }
}
