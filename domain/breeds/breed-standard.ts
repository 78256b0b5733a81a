import { type Static, Type } from 'typebox'
import type { sexes } from '../flock.ts'
import { confidences } from '../formulas/confidence.ts'

export type Sex = (typeof sexes)[number]

/** One age of a standard. Null where the table is blank. Feed conversion is feed since placement ÷ body weight. */
export const StandardRow = Type.Tuple([
  Type.Number({ title: 'age, days; placement is 0' }),
  Type.Number({ title: 'body weight, g' }),
  Type.Union([Type.Number({ title: 'feed of that day, g per bird' }), Type.Null()]),
  Type.Union([Type.Number({ title: 'feed since placement, g per bird' }), Type.Null()]),
  Type.Union([Type.Number({ title: 'feed conversion' }), Type.Null()]),
])
export type StandardRow = Static<typeof StandardRow>

/** What a bird of a breed should weigh and eat at each age: a breeder's table or a farm's own curve. */
export const BreedStandard = Type.Object({
  id: Type.String(),
  name: Type.Object({ en: Type.String(), zh: Type.String() }),
  /** Year of publication. */
  year: Type.Integer(),
  source: Type.String(),
  confidence: Type.Enum(confidences),
  /** By rising age; weights never fall. A sex without a trustworthy table is absent. */
  rows: Type.Object({
    'as-hatched': Type.Optional(Type.Array(StandardRow)),
    male: Type.Optional(Type.Array(StandardRow)),
    female: Type.Optional(Type.Array(StandardRow)),
  }),
})
export type BreedStandard = Static<typeof BreedStandard>

const AGE = 0
const WEIGHT = 1
const DAILY_FEED = 2
const CUMULATIVE_FEED = 3
const FEED_CONVERSION = 4

/**
 * Body weight, g, at an age in days, which may be a fraction: straight between two rows.
 * Undefined outside the table and for a sex that the standard does not have; never extrapolated.
 */
export function weightAt(
  standard: BreedStandard,
  ageDays: number,
  sex: Sex = 'as-hatched',
): number | undefined {
  return valueAt(standard, ageDays, sex, WEIGHT)
}

/** Gain, g, over the day that ends at this age. Undefined in the first day of the table. */
export function dailyGainAt(
  standard: BreedStandard,
  ageDays: number,
  sex: Sex = 'as-hatched',
): number | undefined {
  const now = weightAt(standard, ageDays, sex)
  const dayBefore = weightAt(standard, ageDays - 1, sex)
  return now === undefined || dayBefore === undefined ? undefined : now - dayBefore
}

/** Feed, g per bird, of the day that ends at this age. Undefined where the table is blank. */
export function dailyFeedAt(
  standard: BreedStandard,
  ageDays: number,
  sex: Sex = 'as-hatched',
): number | undefined {
  return valueAt(standard, ageDays, sex, DAILY_FEED)
}

/** Feed, g per bird, from placement to this age. Undefined where the table is blank. */
export function cumulativeFeedAt(
  standard: BreedStandard,
  ageDays: number,
  sex: Sex = 'as-hatched',
): number | undefined {
  return valueAt(standard, ageDays, sex, CUMULATIVE_FEED)
}

/** Feed since placement ÷ body weight, as the table prints it. Undefined where the table is blank. */
export function feedConversionAt(
  standard: BreedStandard,
  ageDays: number,
  sex: Sex = 'as-hatched',
): number | undefined {
  return valueAt(standard, ageDays, sex, FEED_CONVERSION)
}

/**
 * The weight age: the age in days at which the standard has this weight, g. On a plateau the first such age.
 * Undefined below the first and above the last weight of the table.
 */
export function ageAtWeight(
  standard: BreedStandard,
  weightG: number,
  sex: Sex = 'as-hatched',
): number | undefined {
  return interpolate(standard.rows[sex], WEIGHT, weightG, AGE)
}

/** True when the standard has a table of its own for this sex. */
export function hasSex(standard: BreedStandard, sex: Sex): boolean {
  return standard.rows[sex] !== undefined
}

type Column = 0 | 1 | 2 | 3 | 4

function valueAt(standard: BreedStandard, ageDays: number, sex: Sex, column: Column): number | undefined {
  return interpolate(standard.rows[sex], AGE, ageDays, column)
}

/** Looks `value` up in the rising column `from` and gives what column `to` has there. NaN finds nothing. */
function interpolate(
  rows: readonly StandardRow[] | undefined,
  from: typeof AGE | typeof WEIGHT,
  value: number,
  to: Column,
): number | undefined {
  if (!rows) return undefined
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle]?.[from] ?? Number.POSITIVE_INFINITY) < value) low = middle + 1
    else high = middle
  }
  const after = rows[low]
  if (!after || !(after[from] >= value)) return undefined
  if (after[from] === value) return after[to] ?? undefined
  const before = rows[low - 1]
  const start = before?.[to] ?? undefined
  const end = after[to] ?? undefined
  if (!before || start === undefined || end === undefined) return undefined
  return start + ((end - start) * (value - before[from])) / (after[from] - before[from])
}
