import type { ScaleFault } from '#domain/weighing/verdicts.ts'

/**
 * Notices when what steps on the scale has nothing to do with what is expected, and says why where it can: an
 * indicator that was switched to pounds multiplies all by 2.2, a wrong placement date or breed moves all alike.
 * Nothing of that reaches a mean, for it lies outside the band; but somebody has to be told.
 */
export type TargetWatch = {
  /** The load of one visit over the expected weight, and whether it was accepted. Gives a fault when it begins. */
  take(ratio: number, accepted: boolean): ScaleFault | undefined
}

const LAST = 24
const POUNDS = 2.20462
const NEAR = 0.12
/** Below this share of accepted weights the expectation is wrong; above that one it is right again. */
const WRONG = 0.25
const RIGHT = 0.6
/** Quartiles this near to the median, as a share of it: one kind of bird, not litter or people. */
const ALIKE = 0.2

export function createTargetWatch(): TargetWatch {
  const ratios = new Float64Array(LAST)
  const accepted = new Uint8Array(LAST)
  let seen = 0
  let open = false
  return {
    take(ratio, isAccepted) {
      ratios[seen % LAST] = ratio
      accepted[seen % LAST] = isAccepted ? 1 : 0
      seen++
      if (seen < LAST) return undefined
      let good = 0
      for (const one of accepted) good += one
      if (open && good >= RIGHT * LAST) open = false
      if (open || good > WRONG * LAST) return undefined
      const sorted = Float64Array.from(ratios).sort()
      const middle = sorted[LAST >> 1] as number
      const isAlike =
        (sorted[(3 * LAST) >> 2] as number) < (1 + ALIKE) * middle &&
        (sorted[LAST >> 2] as number) > (1 - ALIKE) * middle
      if (!isAlike) return undefined
      open = true
      const isPounds = Math.abs(middle / POUNDS - 1) < NEAR || Math.abs(middle * POUNDS - 1) < NEAR
      return isPounds ? 'pounds' : 'off-target'
    },
  }
}
