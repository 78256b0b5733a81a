/**
 * How far the mean of the visitors lies below the mean of the flock, in standard deviations of the flock, and how
 * uncertain that is. A bird's visiting rate falls as exp(−b · z) with its weight; of a normal flock the visitors are
 * then the same normal, moved by −b.
 *
 * Light birds step on more often at any age (MS Schippers corrects for it); from week five heavy ones come less and
 * the mean reads low (Chedad 2003). Neither source gives b: these are estimates, confidence recalled-medium. So the
 * correction is shown beside the mean and its uncertainty is in the interval. A house whose loads are weighed at
 * sale can be set right by its own figures.
 */
export type VisitBias = { mean: number; sd: number }

const EARLY: VisitBias = { mean: 0.06, sd: 0.035 }
const LATE: VisitBias = { mean: 0.225, sd: 0.072 }
const TURN_DAY = 28
const LATE_DAY = 49

export function visitBias(ageDays: number): VisitBias {
  const share = Math.min(1, Math.max(0, (ageDays - TURN_DAY) / (LATE_DAY - TURN_DAY)))
  return {
    mean: EARLY.mean + share * (LATE.mean - EARLY.mean),
    sd: EARLY.sd + share * (LATE.sd - EARLY.sd),
  }
}
