import type { CalibrationView, WeighingQuery, WeighingView } from '#domain/api/weighing.ts'
import { findBreedStandard } from '#domain/breeds/breed-standards.ts'
import { type BookEntry, balance, type NewFlock, standingEntries } from '#domain/flock.ts'
import { type Clock, DAY, dayAfter, dayNumber, HOUR, localDay, startOfLocalDay } from '#domain/time.ts'
import { againstBreed, performance, placementDoubt } from '#domain/weighing/against-breed.ts'
import { strayScale } from '#domain/weighing/calibration.ts'
import { flockCurveG } from '#domain/weighing/flock-curve.ts'
import type { BirdWeight } from '#domain/weighing/flock-day.ts'
import { mergeHandWeighing } from '#domain/weighing/hand-weighing.ts'
import { type DayMean, marketDay, weightsAhead } from '#domain/weighing/market-day.ts'
import type { Line } from '../embedded/readings.ts'
import type { House, Registry } from '../registry/port.ts'
import type { SeriesStore } from '../series/port.ts'
import { type DailyMean, dailyMeans } from './daily-means.ts'
import { singles, weightsOf } from './day-weights.ts'
import { type DayContext, scaleDay, tellDay } from './scale-day.ts'

type Deps = { registry: Registry; series: SeriesStore; clock: Clock }

/** Where no mean of today says how well a day is known: half of its 95 % interval, as a share. */
const USUAL_HALF = 0.02
const AHEAD_DAYS = 14
/** Spread of single birds, as a share: a hand weighing says only what they weigh together. */
const BIRD_SPREAD = 0.1

/** A house's weighing on one day, worked out anew from its single weights: late ones count in the day they are of. */
export async function weighingView(
  { registry, series, clock }: Deps,
  farm: string,
  house: House,
  { day = localDay(clock.now(), house.timeZone), marketG }: WeighingQuery,
): Promise<WeighingView> {
  const from = startOfLocalDay(day, house.timeZone)
  const to = startOfLocalDay(dayAfter(day, 1), house.timeZone)
  const flock = (await registry.books.flocks(farm, house.id)).find(({ placedOn }) => placedOn <= day)
  const ageDays = flock ? dayNumber(day) - dayNumber(flock.placedOn) : undefined
  const ask = { farm, house: house.id, to }
  const spreadFrom = startOfLocalDay(dayAfter(day, -2), house.timeZone)
  const calibrations = await registry.scales.calibrations(farm, house.id)
  const [weights, refused, faults, latest, means, entries] = await Promise.all([
    singles(series, { ...ask, metric: 'bird.weight', from: spreadFrom }),
    singles(series, { ...ask, metric: 'bird.weight.refused', from }),
    singles(series, { ...ask, metric: 'scale.fault', from }),
    series.latest(farm, house.id),
    flock ? dailyMeans(series, { farm, house, from: flock.placedOn, to }, calibrations) : [],
    flock ? registry.books.entries(farm, flock.id) : [],
  ])

  const expectedG = (t: number) => {
    const age = ageDays === undefined ? undefined : ageDays + (t - from) / DAY
    return (flock && age !== undefined ? flockCurveG(flock, age) : undefined) ?? Number.NaN
  }
  const context: DayContext = { from, to, middayT: from + 12 * HOUR, ageDays: ageDays ?? 0, expectedG }
  const newest = newestOf(calibrations, to)
  const devices = [
    ...new Set([
      ...latest.filter(({ series: { metric } }) => metric === 'scale.load').map((one) => one.series.device),
      ...[...weights, ...refused, ...faults].map((line) => line.series.device),
    ]),
  ].sort()
  const own = <T extends Line>(lines: readonly T[], device: string) =>
    lines.filter((line) => line.series.device === device)
  const zeroOf = (device: string) =>
    latest.find(({ series: one }) => one.device === device && one.metric === 'scale.zero')
  const scales = devices.map((device) =>
    scaleDay(
      {
        device,
        weights: weightsOf(own(weights, device)),
        refused: own(refused, device),
        faults: own(faults, device),
        calibration: newest.get(device),
        zero: zeroOf(device),
        now: Math.min(clock.now(), to),
      },
      context,
    ),
  )
  const stray = strayScale(
    scales.flatMap(({ view: { device, mean } }) => (mean ? [{ scale: device, ...mean }] : [])),
  )
  for (const { view } of scales) {
    if (view.device === stray?.scale) view.strayPercent = round(100 * stray.share, 1)
  }
  const agreeing = scales.filter(({ view }) => view.device !== stray?.scale)
  const together = (pick: (scale: (typeof scales)[number]) => readonly BirdWeight[]) => agreeing.flatMap(pick)
  const only = agreeing.length === 1 ? agreeing[0]?.view : undefined
  const whole =
    only ??
    tellDay(
      together((scale) => scale.today),
      [together((scale) => scale.earlier[0] ?? []), together((scale) => scale.earlier[1] ?? [])],
      context,
    )
  const standing = standingEntries(entries).filter((entry) => entry.day <= day)
  const hand = handOf(standing, day)
  const scaleMean = whole.mean ?? undefined
  const merged = hand && scaleMean && mergeHandWeighing(scaleMean, { ...hand, sdG: scaleMean.sdG })
  const handAlone = hand && { meanG: hand.meanG, halfG: 1.96 * handError(hand) }
  const today: { meanG: number; halfG: number } | undefined = merged
    ? { meanG: merged.meanG, halfG: (merged.high - merged.low) / 2 }
    : scaleMean
      ? { meanG: scaleMean.meanG, halfG: (scaleMean.high - scaleMean.low) / 2 }
      : handAlone
  const trusted = means.filter((one) => one.device !== stray?.scale)
  const days = withToday(trusted, flock, day, today?.meanG)
  const yesterday = trusted.filter((one) => one.day === dayAfter(day, -1))
  // By the scales that weighed on both days: another scale, or birds weighed by hand, are no gain.
  const gains = agreeing.flatMap(({ view: { device, mean } }) => {
    const before = yesterday.find((one) => one.device === device)
    return mean && before ? [mean.meanG - before.meanG] : []
  })
  return {
    day,
    from,
    to,
    ageDays: ageDays ?? null,
    scales: scales.map(({ view }) => view),
    house: whole.mean,
    notEnough: whole.notEnough,
    hand: hand
      ? {
          ...hand,
          merged: merged
            ? {
                meanG: round(merged.meanG, 1),
                low: round(merged.low, 1),
                high: round(merged.high, 1),
                handPercent: Math.round(100 * merged.handShare),
                disagree: merged.disagree,
              }
            : null,
        }
      : null,
    days,
    gainG: gains.length > 0 ? round(gains.reduce((sum, one) => sum + one, 0) / gains.length, 1) : null,
    ...outlook(flock, ageDays, days, today, marketG),
    performance: flock && ageDays !== undefined && today ? fed(flock, ageDays, standing, today.meanG) : null,
  }
}

function withToday(
  means: readonly DailyMean[],
  flock: NewFlock | undefined,
  today: string,
  meanG: number | undefined,
): WeighingView['days'] {
  if (!flock) return []
  const byDay = Map.groupBy(
    means.filter(({ day }) => day < today),
    ({ day }) => day,
  )
  const days = [...byDay].map(([day, own]) => ({
    day,
    meanG: own.reduce((sum, one) => sum + one.meanG, 0) / own.length,
  }))
  if (meanG !== undefined) days.push({ day: today, meanG })
  return days
    .sort((a, b) => a.day.localeCompare(b.day))
    .map((one) => ({
      day: one.day,
      ageDays: dayNumber(one.day) - dayNumber(flock.placedOn),
      meanG: round(one.meanG, 1),
    }))
}

/** Against the breed's table: where the flock stands, when it is ready, what it will weigh until then. */
function outlook(
  flock: NewFlock | undefined,
  ageDays: number | undefined,
  days: WeighingView['days'],
  today: { meanG: number; halfG: number } | undefined,
  marketG: number | undefined,
): Pick<WeighingView, 'breed' | 'placementDoubtDays' | 'market' | 'ahead'> {
  const standard = flock && findBreedStandard(flock.breed)
  if (!flock || !standard || ageDays === undefined)
    return { breed: null, placementDoubtDays: null, market: null, ahead: [] }
  const { sex, placedOn } = flock
  const now = today && againstBreed(standard, sex, ageDays + 0.5, today.meanG)
  const share = today ? today.halfG / today.meanG : USUAL_HALF
  // A mean stands for midday.
  const known: DayMean[] = days.map((one) => ({
    ageDays: one.ageDays + 0.5,
    meanG: one.meanG,
    halfG: share * one.meanG,
  }))
  const found = marketG === undefined ? undefined : marketDay({ standard, sex, days: known, marketG })
  const ages = Array.from({ length: AHEAD_DAYS }, (_, index) => ageDays + index + 1.5)
  const ahead = weightsAhead({ standard, sex, days: known }, ages) ?? []
  return {
    breed: now
      ? {
          sex,
          deviationPercent: round(now.deviationPercent, 1),
          weightAgeDays: now.weightAgeDays === undefined ? null : round(now.weightAgeDays - 0.5, 1),
        }
      : null,
    placementDoubtDays: placementDoubt(standard, sex, known) ?? null,
    market:
      found && marketG !== undefined
        ? {
            marketG,
            ageDays: round(found.ageDays, 1),
            low: round(found.low, 1),
            high: round(found.high, 1),
            day: dayAfter(placedOn, Math.floor(found.ageDays)),
          }
        : null,
    ahead: ahead.map((one) => ({
      day: dayAfter(placedOn, Math.floor(one.ageDays)),
      ageDays: Math.floor(one.ageDays),
      meanG: Math.round(one.meanG),
      low: Math.round(one.low),
      high: Math.round(one.high),
    })),
  }
}

function handOf(entries: readonly BookEntry[], day: string): { birds: number; meanG: number } | undefined {
  let birds = 0
  let kg = 0
  for (const entry of entries) {
    if (entry.kind !== 'weighed' || entry.day !== day) continue
    birds += entry.birds
    kg += entry.kg
  }
  return birds > 0 ? { birds, meanG: round((1000 * kg) / birds, 1) } : undefined
}

function handError({ birds, meanG }: { birds: number; meanG: number }): number {
  return (BIRD_SPREAD * meanG) / Math.sqrt(birds)
}

function fed(flock: NewFlock, ageDays: number, entries: readonly BookEntry[], meanG: number) {
  const books = balance(flock.placed, entries)
  const loads = entries.filter((entry) => entry.kind === 'sold')
  if (loads.some(({ kg }) => kg === undefined)) return null
  const soldKg = loads.reduce((sum, { kg = 0 }) => sum + kg, 0)
  const livabilityPercent = 100 * (1 - (books.died + books.culled) / books.placed)
  const { feedKg, present } = books
  const found = performance(meanG, { ageDays, present, livabilityPercent, feedKg, soldKg })
  return found
    ? { feedKg, feedConversion: round(found.feedConversion, 3), epef: Math.round(found.epef) }
    : null
}

/** For each scale the calibration that held at this moment. */
function newestOf(calibrations: readonly CalibrationView[], until: number): Map<string, CalibrationView> {
  const newest = new Map<string, CalibrationView>()
  for (const one of calibrations) {
    if (one.at < until && !newest.has(one.device)) newest.set(one.device, one)
  }
  return newest
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals))
}
