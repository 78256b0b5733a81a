import { describe, expect, it } from 'vitest'
import { type Sex, weightAt } from '../breeds/breed-standard.ts'
import { cobb500 } from '../breeds/data/cobb-500.ts'
import { ross308 } from '../breeds/data/ross-308.ts'
import { gompertzFits, gompertzGainG, gompertzInflectionDays, gompertzWeightG } from './gompertz.ts'

const cases = [
  { name: 'ross-308-2022', standard: ross308, sex: 'as-hatched', worst: 0.037, rmse: 22.7, inflection: 35.1 },
  { name: 'ross-308-2022-male', standard: ross308, sex: 'male', worst: 0.035, rmse: 22.8, inflection: 36.5 },
  {
    name: 'ross-308-2022-female',
    standard: ross308,
    sex: 'female',
    worst: 0.04,
    rmse: 22.3,
    inflection: 33.5,
  },
  { name: 'cobb-500-2022', standard: cobb500, sex: 'as-hatched', worst: 0.048, rmse: 31.7, inflection: 33.1 },
] as const satisfies { name: keyof typeof gompertzFits; sex: Sex; [key: string]: unknown }[]

describe.each(cases)('$name', ({ name, standard, sex, worst, rmse, inflection }) => {
  const curve = gompertzFits[name]

  it('keeps to the table from day 7 within the stated error', () => {
    let squares = 0
    let worstFound = 0
    for (let day = 0; day <= 56; day++) {
      const table = weightAt(standard, day, sex) ?? Number.NaN
      const error = (gompertzWeightG(curve, day) ?? Number.NaN) - table
      squares += error ** 2
      if (day >= 7) worstFound = Math.max(worstFound, Math.abs(error / table))
    }
    expect(worstFound).toBeLessThan(worst + 0.0006)
    expect(worstFound).toBeGreaterThan(worst - 0.0006)
    expect(Math.sqrt(squares / 57)).toBeCloseTo(rmse, 0)
  })

  it('grows fastest at the stated age', () => {
    expect(gompertzInflectionDays(curve)).toBeCloseTo(inflection, 0)
    const peak = gompertzGainG(curve, inflection) ?? 0
    expect(peak).toBeGreaterThan(gompertzGainG(curve, inflection - 5) ?? Number.NaN)
    expect(peak).toBeGreaterThan(gompertzGainG(curve, inflection + 5) ?? Number.NaN)
  })

  it('has the slope as its gain', () => {
    const rise = (gompertzWeightG(curve, 30.5) ?? 0) - (gompertzWeightG(curve, 29.5) ?? 0)
    expect(gompertzGainG(curve, 30)).toBeCloseTo(rise, 1)
  })

  it.each([-0.1, 56.1, Number.NaN])('says nothing at %d days', (age) => {
    expect(gompertzWeightG(curve, age)).toBeUndefined()
    expect(gompertzGainG(curve, age)).toBeUndefined()
  })
})

it('has no inflection when B is below 1', () => {
  expect(
    gompertzInflectionDays({ adultG: 1, displacement: 0.5, ratePerDay: 0.04, validDays: [0, 1] }),
  ).toBeUndefined()
})
