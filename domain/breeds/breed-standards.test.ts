import { Check } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { sexes } from '../flock.ts'
import {
  ageAtWeight,
  BreedStandard,
  cumulativeFeedAt,
  dailyFeedAt,
  dailyGainAt,
  feedConversionAt,
  hasSex,
  weightAt,
} from './breed-standard.ts'
import { breedStandards, findBreedStandard, ownCurveOnly, ownStandard } from './breed-standards.ts'
import { cobb500 } from './data/cobb-500.ts'
import { ross308 } from './data/ross-308.ts'

const curves = breedStandards.flatMap((standard) =>
  sexes.filter((sex) => hasSex(standard, sex)).map((sex) => ({ id: standard.id, standard, sex })),
)

describe.each(curves)('$id $sex', ({ standard, sex }) => {
  const rows = standard.rows[sex] ?? []

  it('has every day from placement to day 56', () => {
    expect(rows.map(([day]) => day)).toEqual(Array.from({ length: 57 }, (_, day) => day))
  })

  it('grows every day', () => {
    for (let day = 1; day <= 56; day++) {
      expect(dailyGainAt(standard, day, sex), `day ${day}`).toBeGreaterThan(0)
    }
  })

  it('has a weight whose second difference shows no slip of a digit', () => {
    for (let day = 2; day <= 56; day++) {
      const gain = dailyGainAt(standard, day, sex) ?? Number.NaN
      const gainBefore = dailyGainAt(standard, day - 1, sex) ?? Number.NaN
      expect(Math.abs(gain - gainBefore), `day ${day}`).toBeLessThanOrEqual(8)
    }
  })

  it('counts feed conversion as cumulative feed ÷ body weight, within 0.003 from day 8', () => {
    for (let day = 8; day <= 56; day++) {
      const feed = cumulativeFeedAt(standard, day, sex) ?? Number.NaN
      const weight = weightAt(standard, day, sex) ?? Number.NaN
      const conversion = feedConversionAt(standard, day, sex) ?? Number.NaN
      expect(Math.abs(feed / weight - conversion), `day ${day}`).toBeLessThanOrEqual(0.003)
    }
  })

  it('has daily feed that adds up to the cumulative feed', () => {
    for (let day = 8; day <= 56; day++) {
      const step =
        (cumulativeFeedAt(standard, day, sex) ?? 0) - (cumulativeFeedAt(standard, day - 1, sex) ?? 0)
      expect(
        Math.abs(step - (dailyFeedAt(standard, day, sex) ?? Number.NaN)),
        `day ${day}`,
      ).toBeLessThanOrEqual(1)
    }
  })

  it('finds its own ages back from its weights', () => {
    for (let age = 0; age <= 56; age += 0.25) {
      const weight = weightAt(standard, age, sex) ?? Number.NaN
      expect(ageAtWeight(standard, weight, sex), `age ${age}`).toBeCloseTo(age, 9)
    }
  })

  it.each([-0.01, 56.01, Number.NaN, Number.POSITIVE_INFINITY])('says nothing at %d days', (age) => {
    for (const read of [weightAt, dailyFeedAt, dailyGainAt, cumulativeFeedAt, feedConversionAt]) {
      expect(read(standard, age, sex)).toBeUndefined()
    }
  })

  it('says nothing for a weight outside the table', () => {
    for (const weight of [10, 6000, Number.NaN]) expect(ageAtWeight(standard, weight, sex)).toBeUndefined()
  })
})

const weekly = [0, 7, 14, 21, 28, 35, 42, 49, 56]
describe.each([
  ['ross-308-2022', [44, 213, 533, 1012, 1616, 2296, 2998, 3681, 4318]],
  ['cobb-500-2022', [42, 202, 570, 1116, 1783, 2521, 3278, 4001, 4641]],
  ['arbor-acres-plus-2022', [44, 209, 527, 1006, 1611, 2287, 2981, 3649, 4263]],
  ['ross-708-2022', [44, 204, 509, 966, 1543, 2191, 2862, 3514, 4122]],
] as const)('%s', (id, weights) => {
  it('has the published weekly weights', () => {
    const standard = findBreedStandard(id)
    expect(standard && weekly.map((day) => weightAt(standard, day))).toEqual(weights)
  })
})

it.each([
  {
    standard: ross308,
    feed: [166, 535, 1155, 2051, 3211, 4586, 6115, 7733],
    fcr: [0.78, 1.005, 1.142, 1.269, 1.399, 1.531, 1.663, 1.793],
  },
  {
    standard: cobb500,
    feed: [180, 588, 1320, 2359, 3635, 5100, 6749, 8549],
    fcr: [0.891, 1.029, 1.182, 1.322, 1.441, 1.555, 1.686, 1.842],
  },
])('$standard.id has the published weekly feed', ({ standard, feed, fcr }) => {
  const weeks = weekly.slice(1)
  expect(weeks.map((day) => cumulativeFeedAt(standard, day))).toEqual(feed)
  expect(weeks.map((day) => feedConversionAt(standard, day))).toEqual(fcr)
})

describe('the traps of circulating copies', () => {
  it('Cobb 500 has the right days 11, 53 and 54', () => {
    expect([11, 53, 54].map((day) => weightAt(cobb500, day))).toEqual([382, 4380, 4470])
  })

  it('Cobb 500 has no sexed table: the known ones contradict each other', () => {
    expect(hasSex(cobb500, 'male')).toBe(false)
    expect(weightAt(cobb500, 35, 'male')).toBeUndefined()
  })

  it('Ross 308 as hatched is the mean of its sexes', () => {
    for (let day = 0; day <= 56; day++) {
      const male = weightAt(ross308, day, 'male') ?? Number.NaN
      const female = weightAt(ross308, day, 'female') ?? Number.NaN
      expect(Math.abs((male + female) / 2 - (weightAt(ross308, day) ?? 0)), `day ${day}`).toBeLessThanOrEqual(
        0.5,
      )
    }
  })
})

describe('between the rows', () => {
  it('goes straight', () => {
    expect(weightAt(ross308, 34.5)).toBe(((weightAt(ross308, 34) ?? 0) + 2296) / 2)
    expect(ageAtWeight(ross308, 2998)).toBe(42)
  })

  it('does not bridge a blank', () => {
    expect(dailyFeedAt(ross308, 1.5)).toBeUndefined()
    expect(cumulativeFeedAt(cobb500, 6.5)).toBeUndefined()
    expect(dailyGainAt(ross308, 0.5)).toBeUndefined()
  })

  it('takes the first age of a plateau', () => {
    const own = ownStandard('own', '本场', 2025, {
      female: [
        [126, 1550, null, null, null],
        [210, 1910, null, null, null],
        [224, 1910, null, null, null],
      ],
    })
    expect(ageAtWeight(own, 1910, 'female')).toBe(210)
    expect(weightAt(own, 220, 'female')).toBe(1910)
    expect(weightAt(own, 220)).toBeUndefined()
    expect(Check(BreedStandard, own)).toBe(true)
  })
})

it('every standard fits the schema that it is sent with and has an id of its own', () => {
  for (const standard of breedStandards) expect(Check(BreedStandard, standard), standard.id).toBe(true)
  expect(new Set(breedStandards.map(({ id }) => id)).size).toBe(breedStandards.length)
  expect(findBreedStandard('hubbard-1999')).toBeUndefined()
})

it('says in both languages which birds need a curve of the farm', () => {
  expect(ownCurveOnly.map(({ id }) => id)).toEqual(['yellow-feathered', 'layers'])
  for (const { id, name, why } of ownCurveOnly) {
    expect(findBreedStandard(id)).toBeUndefined()
    for (const text of [name, why]) {
      expect(text.en).toMatch(/^[\x20-\x7e]+$/)
      expect(text.zh).toMatch(/\p{Script=Han}/u)
    }
  }
})
