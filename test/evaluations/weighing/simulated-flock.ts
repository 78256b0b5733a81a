// A flock that grows off its breed's table: asymptote, rate, set-backs, sexes and visiting habits drawn from
// simulated-ranges.ts.
import { type BreedStandard, weightAt } from '#domain/breeds/breed-standard.ts'
import { breedStandards } from '#domain/breeds/breed-standards.ts'
import { gompertzFits } from '#domain/formulas/gompertz.ts'
import type { Random } from '../../../firmware-bridge/simulator/random.ts'
import { simulatedRanges } from './simulated-ranges.ts'

const { flock: ranges, visits } = simulatedRanges

export type Bird = { male: boolean; z: number; liking: number }

export type SimulatedFlock = {
  breed: BreedStandard
  shape: 'gompertz' | 'table'
  /** Weight of the mean bird, g. */
  curveG(ageDays: number): number
  birdG(bird: Bird, ageDays: number): number
  /** A draw from the whole flock, for the truth. */
  sample: Bird[]
  /** Those that live near the scale. */
  inReach: Bird[]
  marketG: number
  lateSetBack: boolean
  /** Day on which the mean bird reaches the market weight. */
  marketDay: number
}

const SAMPLE = 4_000
const LAST_DAY = 75

export function drawFlock(random: Random): SimulatedFlock {
  const draw = (range: readonly [number, number]) => random.between(range[0], range[1])
  const shape = random.chance(0.5) ? 'gompertz' : 'table'
  const breed = breedStandards[random.chance(0.5) ? 0 : 1] as BreedStandard
  const fit = breed.id.startsWith('cobb') ? gompertzFits['cobb-500-2022'] : gompertzFits['ross-308-2022']
  const asymptote = 1 + draw(ranges.asymptoteShare)
  const rate = 1 + draw(ranges.rateShare)
  const setBacks: { day: number; lost: number }[] = []
  if (random.chance(ranges.setBackShare))
    setBacks.push({ day: draw(ranges.setBackDay), lost: draw(ranges.setBackLostDays) })
  const lateSetBack = random.chance(ranges.lateSetBackShare)
  if (lateSetBack) setBacks.push({ day: draw(ranges.lateSetBackDay), lost: draw(ranges.setBackLostDays) })

  const growthDay = (age: number) =>
    setBacks.reduce((days, { day, lost }) => days - lost * Math.min(1, Math.max(0, (age - day) / 3)), age)
  // One shape is the fitted curve itself, the other bends the table: faster by `rate`, in the end `asymptote` as heavy.
  const curveG = (ageDays: number) => {
    const age = growthDay(ageDays)
    const gompertz = (factor: number) =>
      fit.adultG * Math.exp(-fit.displacement * Math.exp(-fit.ratePerDay * factor * age))
    if (shape === 'gompertz') return asymptote * gompertz(rate)
    const table = weightAt(breed, Math.min(56, Math.max(0, age))) as number
    return (asymptote * table * gompertz(rate)) / gompertz(1)
  }

  const oneSex = random.chance(ranges.oneSexShare)
  const maleShare = oneSex ? Number(random.chance(0.5)) : draw(ranges.maleShare)
  const gap = draw(ranges.sexGap)
  const cv = draw(ranges.cvPercentWithinSex) / 100
  const birdG = ({ male, z }: Bird, age: number) => {
    const gapNow = gap * Math.min(1.2, age / 35)
    const sex = male ? 1 + gapNow * (1 - maleShare) : 1 - gapNow * maleShare
    return curveG(age) * sex * (1 + cv * z)
  }
  const liking = draw(visits.likingSd)
  const bird = (): Bird => ({
    male: random.chance(maleShare),
    z: Math.min(3.2, Math.max(-3.2, random.normal())),
    liking: Math.exp(liking * random.normal()),
  })
  const sample = Array.from({ length: SAMPLE }, bird)
  const inReach = Array.from({ length: Math.round(draw(visits.birdsInReach)) }, bird)
  const marketG = draw(ranges.marketG)
  let marketDay = 20
  while (curveG(marketDay) < marketG && marketDay < LAST_DAY) marketDay += 0.01
  return { breed, shape, curveG, birdG, sample, inReach, marketG, lateSetBack, marketDay }
}

export type DayTruth = { meanG: number; sdG: number; cvPercent: number; u10Percent: number }

export function truthAt(flock: SimulatedFlock, ageDays: number): DayTruth {
  const grams = flock.sample.map((bird) => flock.birdG(bird, ageDays))
  const meanG = grams.reduce((sum, value) => sum + value, 0) / grams.length
  const sdG = Math.sqrt(grams.reduce((sum, value) => sum + (value - meanG) ** 2, 0) / (grams.length - 1))
  const within = grams.filter((value) => Math.abs(value - meanG) <= 0.1 * meanG).length
  return { meanG, sdG, cvPercent: (100 * sdG) / meanG, u10Percent: (100 * within) / grams.length }
}
