import { ageAtWeight, type BreedStandard, type Sex, weightAt } from '../breeds/breed-standard.ts'
import { gompertzFits } from '../formulas/gompertz.ts'

/** The mean of one day and the half of its 95 % interval, g. */
export type DayMean = { ageDays: number; meanG: number; halfG: number }

/** Age in days, with its 95 % interval. */
export type MarketDay = { ageDays: number; low: number; high: number }

/**
 * When the flock will weigh so much. Growth is a family of curves around the breed's: in the end `a` heavier,
 * `r` faster, and `lost` days behind since a set-back on some day. Every member is weighed by how well it fits the
 * days so far (Bayes on a grid), so that what 21 days cannot tell apart stays in the interval.
 *
 * Two shapes share the belief: the Gompertz curve fitted to the breed's table, and the table itself bent by the same
 * two numbers; which one a flock follows is found out as well. Simply moving the table along, as scales do, leaves
 * out that a flock which grew faster goes on growing faster.
 */
export type MarketQuestion = {
  standard: BreedStandard
  sex?: Sex
  days: readonly DayMean[]
  /** Live weight that the market wants, g. */
  marketG: number
}

type Curve = { adultG: number; displacement: number; ratePerDay: number }

/** What flocks differ by from their breed, as standard deviations; set-backs by days lost. */
const ASYMPTOTE_SD = 0.05
const RATE_SD = 0.035
const asymptotes = grid(-0.12, 0.12, 17)
const rates = grid(-0.09, 0.09, 19)
const losses = [0.4, 0.8, 1.2, 1.6, 2, 2.5]
const SET_BACK = 0.4
const SET_BACK_MEAN_DAYS = 1.3
const SET_BACK_TAKES_DAYS = 3
/** The curve itself is not more right than this, from one day to the next. */
const MODEL_SHARE = 0.006
/** No flock follows any curve to the tenth of a day. */
const MODEL_DAYS = 0.1
const MIN_DAYS = 7
const LAST_DAY = 75

/** One member of the family, and how much it is believed. `lost` counts from the last day on: the set-back is over. */
type Belief = { shape: Shape; rate: number; asymptote: number; lost: number; share: number }
/** Less than this share of the best is not believed at all. */
const UNBELIEVED = 1e-6

/** Undefined with fewer than seven days, or where the weight is out of reach. */
export function marketDay(question: MarketQuestion): MarketDay | undefined {
  const { standard, sex = 'as-hatched', days, marketG } = question
  const fit = fitOf(standard, sex)
  const beliefs = believe(question)
  if (!beliefs) return undefined
  const known = new Map<string, number>()
  const found = quantiles(
    beliefs.map(({ shape, rate, asymptote, lost, share }) => {
      const key = `${shape}|${rate}|${asymptote}`
      const age = known.get(key) ?? ageAt(marketG / (1 + asymptote), standard, sex, fit, shape, rate)
      known.set(key, age)
      return { value: age + lost, share }
    }),
  )
  if (!Number.isFinite(found.high)) return undefined
  // What all days share (a scale or a visiting bias that is off) moves the curve as a whole, and no fit shows it.
  const more = 1.96 * Math.hypot(sharedError(days) / relativeGain(fit, marketG), MODEL_DAYS)
  return {
    ageDays: found.middle,
    low: found.middle - Math.hypot(found.middle - found.low, more),
    high: found.middle + Math.hypot(found.high - found.middle, more),
  }
}

/** What the flock will weigh at ages to come, g, each with its 95 % interval; undefined like `marketDay`. */
export function weightsAhead(
  question: Omit<MarketQuestion, 'marketG'>,
  agesDays: readonly number[],
): { ageDays: number; meanG: number; low: number; high: number }[] | undefined {
  const { standard, sex = 'as-hatched', days } = question
  const fit = fitOf(standard, sex)
  const beliefs = believe(question)
  if (!beliefs) return undefined
  return agesDays.flatMap((ageDays) => {
    const values = beliefs.flatMap(({ shape, rate, asymptote, lost, share }) => {
      const curve = curveAt(ageDays - lost, standard, sex, fit, shape, rate)
      return curve === undefined ? [] : [{ value: (1 + asymptote) * curve, share }]
    })
    // Past the end of the table only some of the curves have an answer: they do not speak for the rest.
    if (values.length < beliefs.length) return []
    const { middle, low, high } = quantiles(values)
    const more = 1.96 * middle * Math.hypot(sharedError(days), MODEL_DAYS * relativeGain(fit, middle))
    return [
      {
        ageDays,
        meanG: middle,
        low: middle - Math.hypot(middle - low, more),
        high: middle + Math.hypot(high - middle, more),
      },
    ]
  })
}

/** All members of the family that the days so far leave standing. */
function believe({
  standard,
  sex = 'as-hatched',
  days,
}: Omit<MarketQuestion, 'marketG'>): Belief[] | undefined {
  const usable = days.filter(isUsable)
  if (usable.length < MIN_DAYS) return undefined
  const fit = fitOf(standard, sex)
  const beliefs: Belief[] = []
  const setBacks = setBackGrid(usable)
  for (const shape of ['gompertz', 'table'] as const) {
    for (const { day, lost, prior } of setBacks) {
      for (const rate of rates) {
        // The asymptote only lifts the curve: its fit follows from one pass over the days.
        const pass = passOver(usable, standard, sex, fit, shape, rate, day, lost)
        if (!pass) continue
        for (const asymptote of asymptotes) {
          const lift = Math.log1p(asymptote)
          const logLikelihood = -0.5 * (pass.square - 2 * lift * pass.cross + lift ** 2 * pass.precision)
          const logPrior = -0.5 * ((asymptote / ASYMPTOTE_SD) ** 2 + (rate / RATE_SD) ** 2) + Math.log(prior)
          beliefs.push({ shape, rate, asymptote, lost, share: logLikelihood + logPrior })
        }
      }
    }
  }
  const top = beliefs.reduce((best, { share }) => Math.max(best, share), Number.NEGATIVE_INFINITY)
  if (!Number.isFinite(top)) return undefined
  return beliefs
    .map((belief) => ({ ...belief, share: Math.exp(belief.share - top) }))
    .filter(({ share }) => share > UNBELIEVED)
}

const isUsable = ({ meanG, halfG }: DayMean) => meanG > 0 && halfG > 0

/** Standard error of a day, as a share of its mean: the median of the days. */
function sharedError(days: readonly DayMean[]): number {
  const errors = days
    .filter(isUsable)
    .map(({ meanG, halfG }) => halfG / 1.96 / meanG)
    .sort((a, b) => a - b)
  return errors[errors.length >> 1] as number
}

/** The breed's curve moved so that it meets the last mean: what a scale without a model says. */
export function shiftedBreedDay({
  standard,
  sex = 'as-hatched',
  days,
  marketG,
}: MarketQuestion): number | undefined {
  const last = days.at(-1)
  const weightAge = last && ageAtWeight(standard, last.meanG, sex)
  const target = ageAtWeight(standard, marketG, sex)
  return last && weightAge !== undefined && target !== undefined
    ? target + last.ageDays - weightAge
    : undefined
}

type Shape = 'gompertz' | 'table'

/** Sums over the days for the log of weight over curve: Σ p·d², Σ p·d, Σ p, p the precision of a day. */
function passOver(
  days: readonly DayMean[],
  standard: BreedStandard,
  sex: Sex,
  fit: Curve,
  shape: Shape,
  rate: number,
  setBackDay: number,
  lost: number,
): { square: number; cross: number; precision: number } | undefined {
  let square = 0
  let cross = 0
  let precision = 0
  for (const { ageDays, meanG, halfG } of days) {
    const age = ageDays - lost * Math.min(1, Math.max(0, (ageDays - setBackDay) / SET_BACK_TAKES_DAYS))
    const curve = curveAt(age, standard, sex, fit, shape, rate)
    if (curve === undefined) return undefined
    const difference = Math.log(meanG / curve)
    const own = 1 / ((halfG / 1.96 / meanG) ** 2 + MODEL_SHARE ** 2)
    square += own * difference ** 2
    cross += own * difference
    precision += own
  }
  return { square, cross, precision }
}

function gompertz({ adultG, displacement, ratePerDay }: Curve, age: number, rate: number): number {
  return adultG * Math.exp(-displacement * Math.exp(-ratePerDay * (1 + rate) * age))
}

/** Share of its weight that a bird of this weight gains in a day. */
function relativeGain({ adultG, ratePerDay }: Curve, grams: number): number {
  return ratePerDay * Math.log(Math.max(1.2, adultG / grams))
}

function curveAt(
  age: number,
  standard: BreedStandard,
  sex: Sex,
  fit: Curve,
  shape: Shape,
  rate: number,
): number | undefined {
  if (shape === 'gompertz') return gompertz(fit, age, rate)
  const table = weightAt(standard, Math.max(0, age), sex)
  return table === undefined ? undefined : (table * gompertz(fit, age, rate)) / gompertz(fit, age, 0)
}

/** Age at which a curve without its asymptote's share reaches a weight, by bisection; infinite where it never does. */
function ageAt(
  grams: number,
  standard: BreedStandard,
  sex: Sex,
  fit: Curve,
  shape: Shape,
  rate: number,
): number {
  let low = 1
  const last = shape === 'table' ? 56 : LAST_DAY
  let high = last
  for (let round = 0; round < 18; round++) {
    const middle = (low + high) / 2
    if ((curveAt(middle, standard, sex, fit, shape, rate) ?? Number.POSITIVE_INFINITY) < grams) low = middle
    else high = middle
  }
  return high === last ? Number.POSITIVE_INFINITY : high
}

function setBackGrid(days: readonly DayMean[]): { day: number; lost: number; prior: number }[] {
  const last = days.at(-1)?.ageDays ?? 0
  const starts: number[] = []
  for (let day = 4; day < last - 1; day += 2) starts.push(day)
  const total = losses.reduce((sum, lost) => sum + Math.exp(-lost / SET_BACK_MEAN_DAYS), 0) * starts.length
  const none = { day: 0, lost: 0, prior: 1 - SET_BACK }
  return [
    none,
    ...starts.flatMap((day) =>
      losses.map((lost) => ({ day, lost, prior: (SET_BACK * Math.exp(-lost / SET_BACK_MEAN_DAYS)) / total })),
    ),
  ]
}

function quantiles(values: readonly { value: number; share: number }[]): {
  low: number
  middle: number
  high: number
} {
  const rising = values.toSorted((a, b) => a.value - b.value)
  const all = rising.reduce((sum, { share }) => sum + share, 0)
  const at = (part: number) => {
    let sum = 0
    for (const { value, share } of rising) {
      sum += share
      if (sum >= part * all) return value
    }
    return rising.at(-1)?.value as number
  }
  return { low: at(0.025), middle: at(0.5), high: at(0.975) }
}

/** Gompertz curve nearest to a breed's table: the fitted one, else the as-hatched Ross 308 scaled to its day 35. */
function fitOf(standard: BreedStandard, sex: Sex): Curve {
  const id = sex === 'as-hatched' ? standard.id : `${standard.id}-${sex}`
  const fits: Record<string, Curve> = gompertzFits
  const known = fits[id] ?? fits[standard.id]
  if (known) return known
  const base = gompertzFits['ross-308-2022']
  const scale = (weightAt(standard, 35, sex) ?? weightAt(standard, 35) ?? 2296) / gompertz(base, 35, 0)
  return { ...base, adultG: base.adultG * scale }
}

function grid(low: number, high: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => low + ((high - low) * index) / (count - 1))
}
