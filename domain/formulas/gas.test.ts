import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Gas, mgPerM3ToPpm, molarMasses, ppmToMgPerM3 } from './gas.ts'

const gases = Object.keys(molarMasses) as Gas[]

it.each([
  ['nh3', 0.696],
  ['h2s', 1.39],
  ['co2', 1.8],
  ['co', 1.145],
] as const)('1 ppm of %s is %d mg/m³ at 25 °C', (gas, factor) => {
  expect(Math.abs((ppmToMgPerM3(gas, 1) ?? 0) / factor - 1)).toBeLessThan(0.003)
})

it('turns the 15 mg/m³ of NY/T 388 into 21.5 ppm of ammonia', () => {
  expect(mgPerM3ToPpm('nh3', 15)).toBeCloseTo(21.5, 1)
})

it('thins with heat and altitude', () => {
  expect(ppmToMgPerM3('co2', 1000, { airC: 0, pressureKpa: 101.325 })).toBeCloseTo(1963.5, 0)
  expect(ppmToMgPerM3('co2', 1000, { airC: 25, pressureKpa: 80 })).toBeCloseTo(1799 * (80 / 101.325), -1)
})

it.each(gases)('%s comes back to the same ppm', (gas) => {
  const ppm = fc.double({ min: 0, max: 9e5, noNaN: true })
  const airC = fc.double({ min: -40, max: 85, noNaN: true })
  const pressure = fc.double({ min: 60, max: 110, noNaN: true })
  fc.assert(
    fc.property(ppm, airC, pressure, (value, t, pressureKpa) => {
      const air = { airC: t, pressureKpa }
      const back = mgPerM3ToPpm(gas, ppmToMgPerM3(gas, value, air) ?? Number.NaN, air)
      expect(back).toBeCloseTo(value, 4)
    }),
  )
})

it.each([-1, 1_000_001, Number.NaN])('withholds %d ppm', (ppm) => {
  expect(ppmToMgPerM3('nh3', ppm)).toBeUndefined()
})

it('withholds impossible air and more than pure gas', () => {
  expect(ppmToMgPerM3('nh3', 10, { airC: 100, pressureKpa: 101 })).toBeUndefined()
  expect(mgPerM3ToPpm('nh3', 10, { airC: 25, pressureKpa: Number.NaN })).toBeUndefined()
  expect(mgPerM3ToPpm('nh3', 1e9)).toBeUndefined()
  expect(mgPerM3ToPpm('nh3', -1)).toBeUndefined()
})
