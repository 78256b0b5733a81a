/**
 * What a bird of this flock should weigh, as the flock's own last mean says it: the breed's curve times the flock's
 * share of it, held within a quarter of the curve. A flock that lags is weighed in its own band (domain facts §2).
 */
export type ExpectedWeight = {
  /** g at an age, which may be a fraction. */
  at(ageDays: number): number
  /** A trusted mean, g, of a day at this age. */
  learn(ageDays: number, meanG: number): void
  /** Flock over breed. */
  share(): number
}

const FARTHEST = 0.25

export function createExpectedWeight(curveG: (ageDays: number) => number): ExpectedWeight {
  let share = 1
  return {
    at: (ageDays) => share * curveG(ageDays),
    learn(ageDays, meanG) {
      const found = meanG / curveG(ageDays)
      if (Number.isFinite(found)) share = Math.min(1 + FARTHEST, Math.max(1 - FARTHEST, found))
    },
    share: () => share,
  }
}
