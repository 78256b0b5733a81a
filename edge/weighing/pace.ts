/**
 * How fast a scale samples. Who sends blocks measures the step anew for each, and the bytes of a line come in clumps:
 * no two steps are the same, and single ones are far off. Only a pace that stays is another pace.
 */
export type Pace = {
  /** Milliseconds between samples as a block says. True when the scale has another pace from now on. */
  take(stepMs: number): boolean
  stepMs(): number
}

const BLOCKS = 9
/** What is made of the samples does not change by less than this share. */
const OTHER = 0.25

export function createPace(startMs: number): Pace {
  const last = new Float64Array(BLOCKS)
  let paceMs = startMs
  let seen = 0
  return {
    take(stepMs) {
      last[seen++ % BLOCKS] = stepMs
      if (seen < BLOCKS || Math.abs(stepMs / paceMs - 1) <= OTHER) return false
      const middleMs = last.toSorted()[BLOCKS >> 1] as number
      if (Math.abs(middleMs / paceMs - 1) <= OTHER) return false
      paceMs = middleMs
      return true
    },
    stepMs: () => paceMs,
  }
}
