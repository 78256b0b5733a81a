import { errorFunction } from '../formulas/uniformity.ts'

/**
 * The weights of a day taken apart: whole birds, birds partly on the plate, and what is no single bird at all.
 */
export type FlockMixture = {
  meanG: number
  sdG: number
  /** How surely each value is a whole bird, 0 … 1. */
  inside: number[]
  /** Share of the values that are birds with a foot beside the plate. */
  partlyShare: number
  /** Share of the flock within so many grams of a weight, 0 … 1, by the curve fitted. */
  within(middleG: number, halfG: number): number
}

const MAX_ROUNDS = 200
const SETTLED = 1e-6
/** Loads of a bird that is partly on: from here to its whole weight, as shares of it; all equally likely. */
const LEAST_PART = 0.6
/** Mistakes (two birds that moved as one, a step that was read wrong) lie anywhere in the band. */
const WIDEST = [0.55, 1.5] as const
/**
 * Of the weights that pass, so many are of birds with a foot beside the plate (an estimate, confidence
 * recalled-medium). The light tail tells it only roughly, for a flock has light birds too: it counts half.
 */
const USUAL_PARTLY = 0.05
const PARTLY_WEIGHT = 2
const START_WRONG = 0.005
/** Values are gathered in classes of this share of the median: the work does not grow with the birds. */
const CLASS = 0.0025
const SQRT_TAU = 2.50662827
/** Cocks over hens less 1 at day 35 (Ross 308: 0.13), and up to this age growing with it; what flocks differ by. */
const GAP_AT_35 = 0.13
const GAP_GROWS_UNTIL = 42
const GAP_SHARES = [0, 0.8, 1, 1.2] as const
/** One house in so many holds one sex alone: nobody has to say so. */
const ONE_SEX = 0.25
/** Birds that are believed to be half cocks, against those that are weighed: as many. */
const HALF_COCKS = 1

/**
 * A flock is cocks and hens, each normal: flatter than one normal, so that fitted as one its light tail would swallow
 * the birds that were only partly on. How far the sexes lie apart is known from the breeds; which of the gaps a flock
 * has, and whether it is of one sex, the weights say: each is believed as much as it fits.
 */
export function flockMixture(values: readonly number[], ageDays: number): FlockMixture {
  const sorted = values.toSorted((a, b) => a - b)
  const classes = gather(sorted, CLASS * (sorted[sorted.length >> 1] as number))
  const due = (GAP_AT_35 * Math.min(GAP_GROWS_UNTIL, ageDays)) / 35
  const fits = GAP_SHARES.map((share) => fitGap(sorted, classes, share * due))
  const logs = fits.map(
    ({ logLikelihood, gap }) =>
      logLikelihood + Math.log(gap === 0 ? ONE_SEX : (1 - ONE_SEX) / (GAP_SHARES.length - 1)),
  )
  const top = Math.max(...logs)
  const raw = logs.map((log) => Math.exp(log - top))
  const all = raw.reduce((sum, one) => sum + one, 0)
  const average = (of: (one: Fit) => number) =>
    fits.reduce((sum, one, index) => sum + ((raw[index] as number) / all) * of(one), 0)
  return {
    meanG: average(({ meanG }) => meanG),
    sdG: average(({ sdG }) => sdG),
    partlyShare: average(({ partlyShare }) => partlyShare),
    inside: values.map((value) => average((one) => one.wholeAt(value))),
    within: (middleG, halfG) => average((one) => one.within(middleG, halfG)),
  }
}

type Fit = {
  gap: number
  meanG: number
  sdG: number
  partlyShare: number
  logLikelihood: number
  wholeAt(value: number): number
  within(middleG: number, halfG: number): number
}
type Class = { grams: number; count: number }

/** Expectation and maximization for sexes that lie `gap` of their mean apart. */
function fitGap(sorted: readonly number[], classes: readonly Class[], gap: number): Fit {
  const n = sorted.length
  const at = (share: number) => sorted[Math.floor(share * (n - 1))] as number
  let middleG = at(0.5)
  let half = 0.5 * gap * middleG
  // From the upper half alone: what is partly on lies in the lower.
  let ownG = Math.sqrt(Math.max((0.005 * middleG) ** 2, ((at(0.84) - middleG) / 0.994) ** 2 - half ** 2))
  let cocks = 0.5
  let partlyShare = USUAL_PARTLY
  let wrongShare = START_WRONG
  const densities = (value: number) => {
    const whole = (1 - partlyShare - wrongShare) / (ownG * SQRT_TAU)
    const hen = (1 - cocks) * whole * Math.exp(-0.5 * ((value - middleG + half) / ownG) ** 2)
    const cock = cocks * whole * Math.exp(-0.5 * ((value - middleG - half) / ownG) ** 2)
    // A part of a heavy bird may weigh more than a mean bird: the step at the mean is as blurred as the flock.
    const z = (value - middleG) / Math.hypot(ownG, half)
    const part =
      value > LEAST_PART * middleG ? (partlyShare / ((1 - LEAST_PART) * middleG)) * normalAbove(z) : 0
    return { hen, cock, part, all: hen + cock + part + wrongShare / ((WIDEST[1] - WIDEST[0]) * middleG) }
  }
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let hens = 0
    let cocksNow = 0
    let sum = 0
    let squares = 0
    let partly = 0
    for (const { grams, count } of classes) {
      const { hen, cock, part, all } = densities(grams)
      const asHen = (count * hen) / all
      const asCock = (count * cock) / all
      hens += asHen
      cocksNow += asCock
      sum += asHen * (grams + half) + asCock * (grams - half)
      squares += asHen * (grams - middleG + half) ** 2 + asCock * (grams - middleG - half) ** 2
      partly += (count * part) / all
    }
    const whole = hens + cocksNow
    const beforeG = middleG
    const before = partlyShare
    middleG = sum / whole
    half = 0.5 * gap * middleG
    ownG = Math.sqrt(Math.max(squares / whole - (middleG - beforeG) ** 2, (0.002 * middleG) ** 2))
    if (gap > 0) cocks = (cocksNow + 0.5 * HALF_COCKS * whole) / (whole + HALF_COCKS * whole)
    partlyShare = (partly / n + PARTLY_WEIGHT * USUAL_PARTLY) / (1 + PARTLY_WEIGHT)
    wrongShare = Math.max(1e-4, 1 - (whole + partly) / n)
    if (Math.abs(middleG - beforeG) < SETTLED * middleG && Math.abs(partlyShare - before) < SETTLED) break
  }
  let logLikelihood = 0
  for (const { grams, count } of classes) logLikelihood += count * Math.log(densities(grams).all)
  const meanG = middleG + (2 * cocks - 1) * half
  return {
    gap,
    meanG,
    sdG: Math.sqrt((n / (n - 1)) * ownG ** 2 + 4 * cocks * (1 - cocks) * half ** 2),
    partlyShare,
    logLikelihood,
    wholeAt(value) {
      const { hen, cock, all } = densities(value)
      return (hen + cock) / all
    },
    within(aroundG, widthG) {
      const share = (sexG: number) =>
        normalBelow((aroundG + widthG - sexG) / ownG) - normalBelow((aroundG - widthG - sexG) / ownG)
      return (1 - cocks) * share(middleG - half) + cocks * share(middleG + half)
    },
  }
}

/** Classes that are not empty, each at the mean of its values. */
function gather(sorted: readonly number[], widthG: number): Class[] {
  const classes: Class[] = []
  for (let start = 0; start < sorted.length; ) {
    const top = (sorted[start] as number) + widthG
    let end = start + 1
    let sum = sorted[start] as number
    while (end < sorted.length && (sorted[end] as number) <= top) sum += sorted[end++] as number
    classes.push({ grams: sum / (end - start), count: end - start })
    start = end
  }
  return classes
}

/** Share of a standard normal above z, by its logistic likeness (to 0.01). */
function normalAbove(z: number): number {
  return 1 / (1 + Math.exp(1.702 * z))
}

/** Share of a standard normal below z. */
function normalBelow(z: number): number {
  const half = 0.5 * errorFunction(Math.abs(z) / Math.SQRT2)
  return z < 0 ? 0.5 - half : 0.5 + half
}
