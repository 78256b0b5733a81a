/** A mean with its 95 % interval, g. */
export type MeanWeight = { n: number; mean: number; low: number; high: number }

export type DayWeights = {
  add(weightG: number): void
  /** Undefined below `MIN_WEIGHTS`: a mean of a few birds is a rumour. */
  mean(): MeanWeight | undefined
}

export const MIN_WEIGHTS = 30

/** The weights of one day in constant memory (Welford's sums). */
export function createDayWeights(): DayWeights {
  let n = 0
  let mean = 0
  let squares = 0
  return {
    add(weightG) {
      n++
      const off = weightG - mean
      mean += off / n
      squares += off * (weightG - mean)
    },
    mean() {
      if (n < MIN_WEIGHTS) return undefined
      const half = studentT95(n - 1) * Math.sqrt(squares / (n - 1) / n)
      return { n, mean, low: mean - half, high: mean + half }
    },
  }
}

/** 97.5 % point of Student's t, Cornish-Fisher to the second order: within 0.0002 from 29 degrees of freedom on. */
function studentT95(degrees: number): number {
  const z = 1.959964
  return z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2)
}
