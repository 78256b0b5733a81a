import { describe, expect, it } from 'vitest'
import { weightAt } from '../breeds/breed-standard.ts'
import { breedStandards } from '../breeds/breed-standards.ts'
import { ross308 } from '../breeds/data/ross-308.ts'
import { againstBreed, performance, placementDoubt } from './against-breed.ts'
import { marketDay, shiftedBreedDay } from './market-day.ts'

const until = (last: number, grams: (age: number) => number) =>
  Array.from({ length: last - 2 }, (_, index) => {
    const ageDays = index + 3
    return { ageDays, meanG: grams(ageDays), halfG: 0.014 * grams(ageDays) }
  })
const table = (age: number) => weightAt(ross308, age) as number

describe('market day', () => {
  it.each(breedStandards.map((standard) => [standard.id, standard] as const))(
    'of a flock on the %s table is the table’s',
    (_, standard) => {
      const days = until(21, (age) => weightAt(standard, age) as number)
      const found = marketDay({ standard, days, marketG: weightAt(standard, 36) as number })
      expect(Math.abs((found?.ageDays ?? 0) - 36)).toBeLessThan(0.6)
      expect(found?.low).toBeLessThan(36)
      expect(found?.high).toBeGreaterThan(36)
    },
  )

  it('knows that a flock which grew slower goes on growing slower', () => {
    const k = 0.04359
    const slow = (age: number) => 6354 * Math.exp(-4.628 * Math.exp(-0.95 * k * age))
    let truth = 21
    while (slow(truth) < 2500) truth += 0.01
    const question = { standard: ross308, days: until(21, slow), marketG: 2500 }
    const error = Math.abs((marketDay(question)?.ageDays ?? 0) - truth)
    expect(error).toBeLessThan(0.5)
    expect(error).toBeLessThan(Math.abs((shiftedBreedDay(question) ?? 0) - truth))
  })

  it('is surer the nearer it is', () => {
    const width = (last: number) => {
      // Days that are known to 4 % only: three of them say little about the asymptote.
      const days = until(last, (age) => 1.03 * table(age)).map((day) => ({ ...day, halfG: 0.04 * day.meanG }))
      const found = marketDay({ standard: ross308, days, marketG: 2400 })
      return (found?.high ?? 99) - (found?.low ?? 0)
    }
    expect(width(33)).toBeLessThan(width(14))
  })

  it('says nothing of a weight that the breed does not reach', () => {
    expect(marketDay({ standard: ross308, days: until(28, table), marketG: 9000 })).toBeUndefined()
  })

  it('says nothing after fewer than seven days', () => {
    expect(marketDay({ standard: ross308, days: until(8, table), marketG: 2400 })).toBeUndefined()
  })
})

describe('against the breed', () => {
  it('says the deviation and the weight age', () => {
    const found = againstBreed(ross308, 'as-hatched', 28, 1616 * 0.95)
    expect(found?.deviationPercent).toBeCloseTo(-5)
    expect(found?.weightAgeDays).toBeGreaterThan(26.5)
    expect(found?.weightAgeDays).toBeLessThan(28)
    expect(againstBreed(ross308, 'as-hatched', 400, 1616)).toBeUndefined()
  })

  it('knows feed conversion and EPEF when it knows the feed', () => {
    const books = { ageDays: 35, present: 19_400, livabilityPercent: 97, feedKg: 62_000 }
    const found = performance(2296, books)
    expect(found?.feedConversion).toBeCloseTo(62_000 / (19_400 * 2.296))
    expect(found?.epef).toBeCloseTo((97 * 2.296 * 100) / (35 * (found?.feedConversion ?? 0)))
  })
})

describe('doubt about the placement date', () => {
  it.each([4, -4, 7])('finds a flock that is %d days older than its record', (shift) => {
    const found = placementDoubt(
      ross308,
      'as-hatched',
      until(20, (age) => table(Math.max(0, age + shift))).slice(5),
    )
    expect(found).toBeCloseTo(shift, 0)
  })

  it.each([
    ['on the table', table],
    ['8 % above it', (age: number) => 1.08 * table(age)],
    ['10 % below it', (age: number) => 0.9 * table(age)],
  ])('has none about a flock %s', (_, grams) => {
    expect(placementDoubt(ross308, 'as-hatched', until(20, grams).slice(5))).toBeUndefined()
  })
})
