import { flockMixture } from './flock-mixture.ts'
import { repeatsPerBird } from './repeats-per-bird.ts'
import { visitBias } from './visit-bias.ts'

/** One weight of one bird, g, at UTC ms. */
export type BirdWeight = { t: number; grams: number }

/** What the weights of one day say about the flock. Masses in g, shares in %. */
export type FlockDay = {
  /** Single weights that stand behind it, and as how many different birds they count. */
  n: number
  birds: number
  meanG: number
  /** 95 % interval of the flock's mean: chance, repeat visitors and what is not known of the visiting bias. */
  low: number
  high: number
  sdG: number
  cvPercent: number
  u10Percent: number
  u15Percent: number
  /** Plain mean of the weights as they came, before the corrections. */
  plainG: number
  /** What each correction added to the mean, g. */
  corrections: {
    /** Growth and the gut's filling through the day, at hours that were visited more or less. */
    timeOfDayG: number
    /** Birds with a foot beside the plate. */
    partlyOnG: number
    /** Light birds come more often, heavy ones less from week five on. */
    visitBiasG: number
  }
}

export type FlockDayContext = {
  ageDays: number
  /** UTC ms of midday in the house: the moment that the mean stands for. */
  middayT: number
  /** What a bird of this flock should weigh at this moment, g: its course through the day counts, not its height. */
  expectedG: (t: number) => number
  /**
   * Weights of the days before, a list for each: the spread of a flock changes slowly, and three days tell it better
   * than one. The mean is of this day alone.
   */
  earlier?: readonly (readonly BirdWeight[])[]
}

/** Fewer weights, or fewer different birds, make no mean: the trade asks for 50 to 100 (domain facts §2). */
export const MIN_DAY_WEIGHTS = 50
export const MIN_DAY_BIRDS = 30
/** How far a calibrated scale may still be off, one sd. */
const SCALE_SHARE = 0.002
/** How well the share of birds that stood beside the plate is known. */
const PARTLY_KNOWN = 0.35

export type FlockDayResult =
  | { ok: true; day: FlockDay }
  | { ok: false; reason: 'not-enough-birds'; n: number; needed: number }

/** The flock's mean, spread and uniformity from the weights of one day of one scale or of all scales of a house. */
export function flockDay(weights: readonly BirdWeight[], context: FlockDayContext): FlockDayResult {
  const { ageDays, middayT, earlier = [] } = context
  const n = weights.length
  if (n < MIN_DAY_WEIGHTS) return { ok: false, reason: 'not-enough-birds', n, needed: MIN_DAY_WEIGHTS }
  const atMidday = context.expectedG(middayT)
  // A table ends in the middle of a day, and begins with one.
  const expectedG = (t: number) => context.expectedG(t) || atMidday
  const plainG = mean(weights.map(({ grams }) => grams))
  const grown = weights.map(({ t, grams }) => (grams * atMidday) / expectedG(t))
  const swing = daySwing(weights, grown, middayT)
  const values = grown.map((grams, index) => grams - (swing.offsets[index] as number))

  const { meanG: standingG } = flockMixture(values, ageDays)
  const shape = shapeOf(values, standingG, earlier, context)
  const sdG = shape.cv * standingG
  const bias = visitBias(ageDays)
  const repeats = repeatsPerBird(values, standingG, sdG)
  const birds = n / (1 + repeats)
  if (birds < MIN_DAY_BIRDS) {
    return { ok: false, reason: 'not-enough-birds', n, needed: Math.ceil(MIN_DAY_BIRDS * (1 + repeats)) }
  }
  const visitBiasG = bias.mean * sdG
  const meanG = standingG + visitBiasG
  const allG = mean(values)
  const partlyOnG = standingG - allG
  const error = Math.hypot(
    sdG / Math.sqrt(birds - swing.parameters),
    bias.sd * sdG,
    SCALE_SHARE * meanG,
    PARTLY_KNOWN * partlyOnG,
  )
  const half = 1.96 * (1 + 1.2 / birds) * error
  const cvPercent = (100 * sdG) / meanG
  const corrections = { timeOfDayG: allG - plainG, partlyOnG, visitBiasG }
  return {
    ok: true,
    day: {
      n,
      birds: Math.round(birds),
      meanG,
      low: meanG - half,
      high: meanG + half,
      sdG,
      cvPercent,
      // The whole flock is as the visitors are, moved by the bias: its shape stays (an exponential tilt of a normal).
      u10Percent: shape.uniformityPercent(0.1 * (meanG / standingG)),
      u15Percent: shape.uniformityPercent(0.15 * (meanG / standingG)),
      plainG,
      corrections,
    },
  }
}

const DAY_MS = 86_400_000
/** Fewer say nothing about the hours. */
const SWING_FROM = 100

/**
 * The swing of the weight through the day: one wave of 24 hours, fitted. Offsets are against the mean of the wave
 * over the hours from the first weight to the last, so that a busy evening does not outvote the morning.
 */
function daySwing(weights: readonly BirdWeight[], grown: readonly number[], middayT: number) {
  if (weights.length < SWING_FROM) return { offsets: grown.map(() => 0), parameters: 1 }
  const phase = (t: number) => (2 * Math.PI * (t - middayT)) / DAY_MS
  const rows = weights.map(({ t }) => [1, Math.sin(phase(t)), Math.cos(phase(t))] as const)
  const [, sine, cosine] = leastSquares(rows, grown)
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const { t } of weights) {
    first = Math.min(first, t)
    last = Math.max(last, t)
  }
  const wave = (t: number) => sine * Math.sin(phase(t)) + cosine * Math.cos(phase(t))
  const hours = Array.from({ length: 48 }, (_, index) => wave(first + ((index + 0.5) / 48) * (last - first)))
  const middle = mean(hours)
  return { offsets: weights.map(({ t }) => wave(t) - middle), parameters: 3 }
}

/** Solves the normal equations of three unknowns by Cramer's rule. */
function leastSquares(rows: readonly (readonly [number, number, number])[], values: readonly number[]) {
  const m = [0, 0, 0, 0, 0, 0, 0, 0, 0]
  const v = [0, 0, 0]
  for (const [index, row] of rows.entries()) {
    for (let i = 0; i < 3; i++) {
      v[i] = (v[i] as number) + (row[i] as number) * (values[index] as number)
      for (let j = 0; j < 3; j++)
        m[3 * i + j] = (m[3 * i + j] as number) + (row[i] as number) * (row[j] as number)
    }
  }
  const whole = determinant(m)
  if (Math.abs(whole) < 1e-9 * rows.length ** 3) return [mean(values), 0, 0] as const
  const solve = (column: number) => {
    const swapped = m.map((entry, index) =>
      index % 3 === column ? (v[Math.floor(index / 3)] as number) : entry,
    )
    return determinant(swapped) / whole
  }
  return [solve(0), solve(1), solve(2)] as const
}

function determinant(m: readonly number[]): number {
  const [a, b, c, d, e, f, g, h, i] = m as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
}

/** As many birds count as much as the curve fitted to them. */
const COUNTED_FROM = 3_000

/**
 * The flock's spread, from today and the days before, each as shares of its own middle. Uniformity is counted and read
 * off the curve fitted: a count of 300 birds alone scatters by 2.6 points, the curve tells it to 2; a flock of another
 * shape still shows in the counted part, the more the more birds there are.
 */
function shapeOf(
  values: readonly number[],
  standingG: number,
  earlier: readonly (readonly BirdWeight[])[],
  { ageDays, expectedG }: FlockDayContext,
) {
  const shares = values.map((grams) => grams / standingG)
  for (const day of earlier) {
    // What was weighed before the flock came is no spread of it.
    const ratios = day.map(({ t, grams }) => grams / expectedG(t)).filter(Number.isFinite)
    if (ratios.length < MIN_DAY_WEIGHTS) continue
    const middle = ratios.toSorted((a, b) => a - b)[ratios.length >> 1] as number
    shares.push(...ratios.map((ratio) => ratio / middle))
  }
  const { meanG: middle, sdG: sd, inside, within } = flockMixture(shares, ageDays)
  const counted = shares.length / (shares.length + COUNTED_FROM)
  return {
    cv: sd / middle,
    uniformityPercent(band: number) {
      const half = band * middle
      return (
        100 * (counted * shareWithin(shares, inside, middle, half) + (1 - counted) * within(middle, half))
      )
    },
  }
}

/** Share of the whole birds within so much of a middle, 0 … 1. */
function shareWithin(
  values: readonly number[],
  inside: readonly number[],
  middle: number,
  half: number,
): number {
  let within = 0
  let all = 0
  for (const [index, value] of values.entries()) {
    const whole = inside[index] as number
    all += whole
    if (Math.abs(value - middle) <= half) within += whole
  }
  return within / all
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
