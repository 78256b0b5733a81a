/**
 * Says when the load stands still: its last `samples` values lie within a tolerance. The level is their mean.
 * A window with the least drift inside wins over a trend, so that a bird which leans in is waited for.
 */
export type PlateauFinder = {
  /** The mean of the window, g, or undefined while it moves. */
  take(grams: number, toleranceG: number): number | undefined
  reset(): void
}

export function createPlateauFinder(samples: number): PlateauFinder {
  const window = new Float64Array(samples)
  let seen = 0
  return {
    take(grams, toleranceG) {
      window[seen % samples] = grams
      seen++
      if (seen < samples) return undefined
      let low = Number.POSITIVE_INFINITY
      let high = Number.NEGATIVE_INFINITY
      let sum = 0
      for (let index = 0; index < samples; index++) {
        const value = window[index] as number
        if (value < low) low = value
        if (value > high) high = value
        sum += value
      }
      return high - low > toleranceG ? undefined : sum / samples
    },
    reset() {
      seen = 0
    },
  }
}
