import { expect, it } from 'vitest'
import { densityLimitsKgPerM2, euMortalityLimitPercent, stockingDensityKgPerM2 } from './welfare.ts'

it.each([
  [35, 3.1],
  [42, 3.52],
])('the EU mortality limit at slaughter on day %d is %d percent', (age, percent) => {
  expect(euMortalityLimitPercent(age)).toBeCloseTo(percent, 9)
})

it.each([0, 121, Number.NaN])('has no mortality limit for day %d', (age) => {
  expect(euMortalityLimitPercent(age)).toBeUndefined()
})

it('20,000 birds of 2.31 kg on 1,400 m² weigh exactly the 33 kg/m² of the directive', () => {
  expect(stockingDensityKgPerM2(20_000, 2.31, 1400)).toBeCloseTo(densityLimitsKgPerM2.euBase, 9)
})

it('an empty house has density 0, a house without area none', () => {
  expect(stockingDensityKgPerM2(0, 2, 1400)).toBe(0)
  expect(stockingDensityKgPerM2(100, 2, 0)).toBeUndefined()
  expect(stockingDensityKgPerM2(100, Number.NaN, 1400)).toBeUndefined()
  expect(stockingDensityKgPerM2(Number.NaN, 2, 1400)).toBeUndefined()
})
