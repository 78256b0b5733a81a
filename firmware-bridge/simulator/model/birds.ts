import { type BreedStandard, cumulativeFeedAt, dailyFeedAt, weightAt } from '#domain/breeds/breed-standard.ts'
import { expectedWaterToFeed } from '#domain/formulas/water.ts'
import { DAY } from '#domain/time.ts'
import type { Random } from '../random.ts'

/** Spread of single birds around the flock's mean. */
export const WEIGHT_CV = 0.09
const LAST_TABLE_DAY = 56
/** Feed of the first day, where breed tables are blank, g per bird. */
const FIRST_DAY_FEED_G = 13
/** Coldest and hottest house for which the water formula holds, °C. */
const WATER_RANGE_C = { min: 10, max: 38 }

export type Birds = {
  alive: number
  /** This flock against its breed's curve; sickness and heat pull it down. */
  relativeWeight: number
  /** Share of the flock that is sick, 0 … 1. */
  sick: number
  drunkL: number
  eatenKg: number
}

export type BirdsAround = { ageDays: number; airC: number; appetite: number; isSickening: boolean }

/** Half of the flock is sick about two minutes after the fault is switched on: days of an outbreak, told fast. */
const SICK_SHARE = 0.5
const SICKENING_MS = 60_000

export function placeBirds(standard: BreedStandard, placed: number, ageDays: number, random: Random): Birds {
  const feedKg = placed * ((cumulativeFeedAt(standard, Math.min(ageDays, LAST_TABLE_DAY)) ?? 0) / 1000)
  return {
    alive: placed,
    relativeWeight: 1 + 0.012 * random.normal(),
    sick: 0,
    eatenKg: feedKg,
    drunkL: feedKg * waterToFeedAt(21),
  }
}

/** Mean live weight of the breed at this age, g; the table's ends hold outside it. */
export function curveWeightG(standard: BreedStandard, ageDays: number): number {
  return weightAt(standard, Math.min(LAST_TABLE_DAY, Math.max(0, ageDays))) ?? 44
}

/** Weight of one bird taken at random, g. Runts and giants end at three spreads. */
export function drawBirdG(meanG: number, random: Random): number {
  const z = Math.min(3, Math.max(-3, random.normal()))
  return meanG * (1 + WEIGHT_CV * z)
}

/**
 * Deaths per bird and day. First week about 1 %, then 0.06 % a day (domain facts §4); sick birds and birds
 * above 36 °C die faster.
 */
export function deathRatePerDay(ageDays: number, sick: number, airC: number): number {
  const normal = ageDays < 7 ? 0.0012 : 0.0006
  const heat = Math.max(0, airC - 36)
  return normal + 0.012 * sick + 0.12 * heat ** 2
}

/** One step of eating, drinking, growing behind or not, and dying. Gives the number that died. */
export function stepBirds(
  birds: Birds,
  dtMs: number,
  around: BirdsAround,
  standard: BreedStandard,
  random: Random,
): number {
  const { ageDays, airC, appetite, isSickening } = around
  const share = isSickening ? SICK_SHARE : 0
  birds.sick = share + (birds.sick - share) * Math.exp(-dtMs / SICKENING_MS)

  const tableDay = Math.min(LAST_TABLE_DAY, Math.max(1, ageDays + 0.5))
  const feedG = dailyFeedAt(standard, tableDay) ?? FIRST_DAY_FEED_G
  const heatAppetite = 1 - 0.035 * Math.min(20, Math.max(0, airC - 28))
  const eatenKg =
    ((birds.alive * feedG * birds.relativeWeight) / 1000) *
    (dtMs / DAY) *
    appetite *
    heatAppetite *
    (1 - 0.5 * birds.sick)
  birds.eatenKg += eatenKg
  // Heat makes thirsty, fever does not: the water of sick birds falls further than their feed.
  birds.drunkL += (eatenKg / heatAppetite) * waterToFeedAt(airC) * (1 - 0.25 * birds.sick)

  birds.relativeWeight *= 1 - (0.03 * birds.sick + 0.01 * Math.max(0, airC - 30)) * (dtMs / DAY)

  const expected = birds.alive * deathRatePerDay(ageDays, birds.sick, airC) * (dtMs / DAY)
  const died = Math.min(birds.alive, random.poisson(expected))
  birds.alive -= died
  return died
}

function waterToFeedAt(airC: number): number {
  return expectedWaterToFeed(Math.min(WATER_RANGE_C.max, Math.max(WATER_RANGE_C.min, airC))) ?? 1.8
}

/** What a flock gives off. Total heat by weight, CIGR 2002: 10.62 · m^0.75 W at 20 °C (recalled). */
export type Metabolism = { sensibleW: number; latentW: number; co2M3PerHour: number }

export function metabolism(
  alive: number,
  meanG: number,
  airC: number,
  activity: number,
  sick: number,
): Metabolism {
  const at20W = alive * 10.62 * (meanG / 1000) ** 0.75 * (0.92 + 0.12 * activity) * (1 + 0.08 * sick)
  // Per 1000 W at 20 °C: total falls and the sensible part falls faster as it gets warm (CIGR 2002, recalled).
  const units = at20W / 1000
  const totalW = units * (1000 + 20 * (20 - airC))
  const sensibleW = Math.max(0, units * (0.61 * (1000 + 20 * (20 - airC)) - 0.228 * Math.max(0, airC) ** 2))
  return { sensibleW, latentW: Math.max(0, totalW - sensibleW), co2M3PerHour: (0.185 * totalW) / 1000 }
}
