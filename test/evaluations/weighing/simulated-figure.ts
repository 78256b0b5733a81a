// How right the weights of simulated flocks are, where the truth is known: whole houses from day 3 to 49, samples
// to market day. Ranges: simulated-ranges.ts.
import { weightAt } from '#domain/breeds/breed-standard.ts'
import { createExpectedWeight } from '#domain/weighing/expected-weight.ts'
import { type BirdWeight, flockDay } from '#domain/weighing/flock-day.ts'
import { type DayMean, marketDay, shiftedBreedDay } from '#domain/weighing/market-day.ts'
import { createBirdScale } from '../../../edge/weighing/bird-scale.ts'
import { isSure } from '../../../edge/weighing/scale-event.ts'
import { createRandom } from '../../../firmware-bridge/simulator/random.ts'
import type { FigureOptions, Measured } from '../../figures.ts'
import { drawPlatform, playDay } from './simulated-day.ts'
import { drawFlock, type SimulatedFlock, truthAt } from './simulated-flock.ts'
import { seeds, simulatedRanges } from './simulated-ranges.ts'

const DAY_MS = 86_400_000
const EPOCH = Date.UTC(2026, 0, 1)
const FORECAST_AGE = 21
/** 47 days a house: 2,021 house-days. */
const HOUSES_FULL = 43
/** As many as fit into nine minutes. */
const MINUTES = 8.5

type DayError = {
  house: number
  ageDays: number
  errorG: number
  errorPercent: number
  cv: number
  uniformity: number
  covered: boolean
}
type Forecast = { error: number; baseline: number; covered: boolean; lateSetBack: boolean; shape: string }

export function evaluateSimulated({ full, say }: FigureOptions, seed: number = seeds.figure): Measured {
  const startedAt = performance.now()
  const days: DayError[] = []
  const forecasts: Forecast[] = []
  let silent = 0
  let houses = 0
  while (houses < HOUSES_FULL && (full || performance.now() - startedAt < MINUTES * 60_000)) {
    const result = playHouse(seed + houses)
    days.push(...result.days)
    silent += result.silent
    if (result.forecast) forecasts.push(result.forecast)
    houses++
    say(`house ${houses} of ${HOUSES_FULL}: ${days.length} house-days`)
  }
  return summarize(days, forecasts, silent, houses)
}

function playHouse(seed: number): { days: DayError[]; silent: number; forecast: Forecast | undefined } {
  const random = createRandom(seed, 'weighing')
  const flock = drawFlock(random)
  const platform = drawPlatform(random)
  const scale = createBirdScale({ stepMs: 1000 / platform.hz })
  const expected = createExpectedWeight((age) => weightAt(flock.breed, Math.min(56, age)) as number)
  const days: DayError[] = []
  const means: DayMean[] = []
  let forecast: Forecast | undefined
  let silent = 0
  const earlier: BirdWeight[][] = []
  let playedT = EPOCH
  const [firstDay, lastDay] = simulatedRanges.flock.ageDays
  for (let ageDays: number = firstDay; ageDays <= lastDay; ageDays++) {
    const dayT = EPOCH + ageDays * DAY_MS
    const expectedG = expected.at(ageDays + 0.5)
    const found: { t: number; grams: number }[] = []
    const played = playDay(flock, platform, { ageDays, dayT, playedT }, random, (t, grams) => {
      for (const event of scale.take(t, grams, expectedG))
        if (event.kind === 'weight' && isSure(event)) found.push(event)
    })
    playedT = played.endT
    const weights = found.map(({ t, grams }) => ({ t: played.realT(t), grams }))
    const result = flockDay(weights, {
      ageDays,
      earlier: earlier.slice(-2),
      middayT: dayT + DAY_MS / 2,
      expectedG: (t) => expected.at(ageDays + (t - dayT) / DAY_MS),
    })
    earlier.push(weights)
    if (result.ok) {
      const { meanG, low, high, cvPercent, u10Percent } = result.day
      const truth = truthAt(flock, ageDays + 0.5)
      days.push({
        house: seed,
        ageDays,
        errorG: meanG - truth.meanG,
        errorPercent: 100 * (meanG / truth.meanG - 1),
        cv: cvPercent - truth.cvPercent,
        uniformity: u10Percent - truth.u10Percent,
        covered: low <= truth.meanG && truth.meanG <= high,
      })
      means.push({ ageDays: ageDays + 0.5, meanG, halfG: (high - low) / 2 })
      expected.learn(ageDays + 0.5, meanG)
    } else silent++
    if (ageDays === FORECAST_AGE) forecast = foresee(flock, means)
  }
  return { days, silent, forecast }
}

function foresee(flock: SimulatedFlock, days: readonly DayMean[]): Forecast | undefined {
  const question = { standard: flock.breed, days, marketG: flock.marketG }
  const found = marketDay(question)
  const shifted = shiftedBreedDay(question)
  if (!found) return undefined
  return {
    error: found.ageDays - flock.marketDay,
    baseline: (shifted ?? 99) - flock.marketDay,
    covered: found.low <= flock.marketDay && flock.marketDay <= found.high,
    lateSetBack: flock.lateSetBack,
    shape: flock.shape,
  }
}

function summarize(days: DayError[], forecasts: Forecast[], silent: number, houses: number): Measured {
  const steady = forecasts.filter(({ lateSetBack }) => !lateSetBack)
  const late = forecasts.filter(({ lateSetBack }) => lateSetBack)
  const within = (list: Forecast[], error: (forecast: Forecast) => number) =>
    list.length > 0 ? share(list, (forecast) => Math.abs(error(forecast)) <= 1) : 'none'
  const keys = [
    'meanErrorPercent',
    'cvErrorPoints',
    'uniformityErrorPoints',
    'coveragePercent',
    'marketDayWithin1Percent',
  ]
  if (days.length === 0 || steady.length === 0) {
    const why = 'not one house was played to its 21st day in the time'
    return {
      ...Object.fromEntries(keys.map((key) => [key, null])),
      n: days.length,
      why: Object.fromEntries(keys.map((key) => [key, why])),
    }
  }
  return {
    meanErrorPercent: average(days.map(({ errorPercent }) => Math.abs(errorPercent))),
    meanErrorG: average(days.map(({ errorG }) => Math.abs(errorG))),
    biasPercent: average(days.map(({ errorPercent }) => errorPercent)),
    within1PercentOr10gPercent: share(
      days,
      ({ errorPercent, errorG }) => Math.abs(errorPercent) <= 1 || Math.abs(errorG) <= 10,
    ),
    cvErrorPoints: average(days.map(({ cv }) => Math.abs(cv))),
    cvBiasPoints: average(days.map(({ cv }) => cv)),
    uniformityErrorPoints: average(days.map(({ uniformity }) => Math.abs(uniformity))),
    uniformityBiasPoints: average(days.map(({ uniformity }) => uniformity)),
    coveragePercent: share(days, ({ covered }) => covered),
    /** Days of one house hang together: the interval counts houses, not days. */
    coverageInterval95: clustered(days),
    marketDayWithin1Percent: within(steady, ({ error }) => error),
    marketDayShiftedBreedWithin1Percent: within(steady, ({ baseline }) => baseline),
    marketDayIntervalCoversPercent: share(steady, ({ covered }) => covered),
    marketDayForecasts: steady.length,
    marketDayMeanErrorDays: average(steady.map(({ error }) => Math.abs(error))),
    lateSetBackWithin1Percent: within(late, ({ error }) => error),
    lateSetBackForecasts: late.length,
    notEnoughBirdsDays: silent,
    houses,
    byAge: [3, 8, 15, 29, 41].map((from, index, all) => {
      const own = days.filter(({ ageDays }) => ageDays >= from && ageDays < (all[index + 1] ?? 99))
      return {
        fromDay: from,
        n: own.length,
        meanErrorPercent:
          own.length > 0
            ? Number(average(own.map(({ errorPercent }) => Math.abs(errorPercent))).toFixed(2))
            : null,
        biasPercent:
          own.length > 0 ? Number(average(own.map(({ errorPercent }) => errorPercent)).toFixed(2)) : null,
        coveragePercent: own.length > 0 ? Number(share(own, ({ covered }) => covered).toFixed(1)) : null,
      }
    }),
    n: days.length,
  }
}

/** 95 % interval of the share of days that are covered, %, with the house as the unit of chance. */
function clustered(days: readonly DayError[]): [number, number] | 'too few' {
  const byHouse = Map.groupBy(days, ({ house }) => house)
  const shares = [...byHouse.values()].map((own) => share(own, ({ covered }) => covered))
  if (shares.length < 2) return 'too few'
  const middle = average(shares)
  const sd = Math.sqrt(shares.reduce((sum, one) => sum + (one - middle) ** 2, 0) / (shares.length - 1))
  const half = (1.96 * sd) / Math.sqrt(shares.length)
  return [Number((middle - half).toFixed(1)), Number(Math.min(100, middle + half).toFixed(1))]
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function share<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  return (100 * items.filter(holds).length) / items.length
}
