/**
 * The level at which a load stood while one and the same birds were on the scale, in constant memory.
 *
 * A bird that leans on the wall, rests its tail on the litter or stands with one foot beside the plate presses less
 * than it weighs; nothing makes a standing bird press more than it weighs for long. So of the levels that were held
 * for a fair part of the time the highest is the weight, not their mean: an asymmetry of the physics, not of a
 * data set.
 */
export type LevelHistogram = {
  /** Forgets all and centres on this level, g, with this bin width, g. */
  start(levelG: number, binG: number): void
  add(grams: number): void
  /** g; NaN before the first value. */
  level(): number
  /** How many values there are. */
  count(): number
  /** Share of the values that lie at the level, 0 … 1. */
  share(): number
}

const BINS = 161
/** Bins that belong to one level, and the least share of the values that it holds. */
const LEVEL_BINS = 6
const FAIR_SHARE = 0.25

export function createLevelHistogram(): LevelHistogram {
  const counts = new Int32Array(BINS)
  const sums = new Float64Array(BINS)
  let low = 0
  let bin = 1
  let count = 0

  const find = (): { inside: number; sum: number } => {
    let best = { inside: 0, sum: 0 }
    for (let top = BINS - 1; top >= 0; top--) {
      if ((counts[top] as number) === 0) continue
      let inside = 0
      let sum = 0
      for (let index = Math.max(0, top - LEVEL_BINS + 1); index <= top; index++) {
        inside += counts[index] as number
        sum += sums[index] as number
      }
      if (inside > best.inside) best = { inside, sum }
      else if (best.inside >= FAIR_SHARE * count) return best
    }
    return best
  }

  return {
    start(levelG, binG) {
      counts.fill(0)
      sums.fill(0)
      bin = binG
      low = levelG - (BINS / 2) * binG
      count = 0
    },
    add(grams) {
      const index = Math.min(BINS - 1, Math.max(0, Math.floor((grams - low) / bin)))
      counts[index] = (counts[index] as number) + 1
      sums[index] = (sums[index] as number) + grams
      count++
    },
    level() {
      const { inside, sum } = find()
      return sum / inside
    },
    count: () => count,
    share: () => (count === 0 ? 0 : find().inside / count),
  }
}
