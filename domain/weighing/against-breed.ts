import { ageAtWeight, type BreedStandard, type Sex, weightAt } from '../breeds/breed-standard.ts'
import { feedConversion, productionEfficiency } from '../formulas/production.ts'

/** Where a flock stands against its breed's standard. */
export type AgainstBreed = {
  /** Mean over standard less 1, %. */
  deviationPercent: number
  /** Age at which the standard weighs as much; undefined outside the table. */
  weightAgeDays: number | undefined
}

/** Undefined outside the table. */
export function againstBreed(
  standard: BreedStandard,
  sex: Sex,
  ageDays: number,
  meanG: number,
): AgainstBreed | undefined {
  const due = weightAt(standard, ageDays, sex)
  if (due === undefined || !(meanG > 0)) return undefined
  return { deviationPercent: 100 * (meanG / due - 1), weightAgeDays: ageAtWeight(standard, meanG, sex) }
}

/**
 * Feed conversion and production efficiency (EPEF) from the day's mean; needs the feed and the birds. Birds that were
 * sold count with the weight of their loads; undefined where a load was not weighed (`soldKg`).
 */
export function performance(
  meanG: number,
  books: {
    ageDays: number
    present: number
    livabilityPercent: number
    feedKg: number
    soldKg?: number | undefined
  },
): { feedConversion: number; epef: number } | undefined {
  const { ageDays, present, livabilityPercent, feedKg, soldKg = 0 } = books
  if (!(feedKg > 0)) return undefined
  const fcr = feedConversion(feedKg, (present * meanG) / 1000 + soldKg)
  const epef = fcr && productionEfficiency(livabilityPercent, meanG / 1000, ageDays, fcr)
  return fcr !== undefined && epef !== undefined ? { feedConversion: fcr, epef } : undefined
}

const MIN_DAYS = 5
const MIN_SHIFT_DAYS = 2
const MAX_SHIFT_DAYS = 14
const MIN_SPAN_DAYS = 4
/** The moved curve must fit so much better than the curve made heavier. */
const BETTER = 0.5

/**
 * A placement date that is wrong shows in the shape: the flock follows the standard of another age, day by day,
 * where a flock that is merely heavy keeps its share. Gives by how many days the flock seems older than its record
 * says (negative: younger), or undefined when the record is believable or nothing can be said yet.
 */
export function placementDoubt(
  standard: BreedStandard,
  sex: Sex,
  days: readonly { ageDays: number; meanG: number }[],
): number | undefined {
  const first = days[0]
  const last = days.at(-1)
  if (days.length < MIN_DAYS || !first || !last || last.ageDays - first.ageDays < MIN_SPAN_DAYS)
    return undefined
  const spreadAt = (shift: number): { misfit: number; level: number } | undefined => {
    const logs: number[] = []
    for (const { ageDays, meanG } of days) {
      const due = weightAt(standard, ageDays + shift, sex)
      if (due === undefined) return undefined
      logs.push(Math.log(meanG / due))
    }
    const level = logs.reduce((sum, log) => sum + log, 0) / logs.length
    return { misfit: logs.reduce((sum, log) => sum + (log - level) ** 2, 0), level }
  }
  let best: { shift: number; total: number } | undefined
  for (let shift = -MAX_SHIFT_DAYS; shift <= MAX_SHIFT_DAYS; shift += 0.25) {
    const found = spreadAt(shift)
    if (!found) continue
    // A moved flock fits in height as well as in shape.
    const total = found.misfit + days.length * found.level ** 2
    if (!best || total < best.total) best = { shift, total }
  }
  const asIs = spreadAt(0)
  if (!best || Math.abs(best.shift) < MIN_SHIFT_DAYS || !asIs) return undefined
  return best.total < BETTER * asIs.misfit ? best.shift : undefined
}
