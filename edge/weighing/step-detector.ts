/**
 * Finds the steps in a scale's load: a bird that hops on is a rise from one plateau to the next.
 *
 * ```
 *            ┌──plateau──┐
 *    step ─▶ │           │ ◀─ step
 *  ──plateau─┘           └─plateau──
 * ```
 *
 * A median of five takes single spikes out, a plateau is a window in which the load stays within a tolerance,
 * its level the mean of that window. What moves by less than the smallest step is followed: litter that gathers,
 * a zero that drifts. Memory is constant: one window.
 */
export type StepDetector = {
  /** The next sample, g. Gives the height of the step, g, once the new plateau stands; negative when a load left. */
  take(grams: number, shape: StepShape): number | undefined
}

export type StepShape = {
  /** Largest spread within a plateau, g. */
  toleranceG: number
  /** Smallest change that is a step, g. */
  minStepG: number
}

const MEDIAN_OF = 5

/** `windowSamples` is how many samples make a plateau. */
export function createStepDetector(windowSamples: number): StepDetector {
  const raw: number[] = []
  const window = new Float64Array(windowSamples)
  let seen = 0
  let levelG: number | undefined

  return {
    take(grams, { toleranceG, minStepG }) {
      raw.push(grams)
      if (raw.length > MEDIAN_OF) raw.shift()
      if (raw.length < MEDIAN_OF) return undefined
      window[seen % windowSamples] = median(raw)
      seen++
      if (seen < windowSamples) return undefined

      let low = Number.POSITIVE_INFINITY
      let high = Number.NEGATIVE_INFINITY
      let sum = 0
      for (const value of window) {
        if (value < low) low = value
        if (value > high) high = value
        sum += value
      }
      if (high - low > toleranceG) return undefined
      const before = levelG
      levelG = sum / windowSamples
      if (before === undefined) return undefined
      const stepG = levelG - before
      return Math.abs(stepG) >= minStepG ? stepG : undefined
    },
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number
}
