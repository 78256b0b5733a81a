import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  enthalpyKjPerKg,
  humidityRatio,
  SEA_LEVEL_KPA,
  saturationVapourPressureKpa,
  vapourPressureDeficitKpa,
  vapourPressureKpa,
  wetBulbC,
} from './psychrometrics.ts'

/** The energy balance of ASHRAE 2017 ch. 1 eq. 33, solved by bisection: an independent way to the same number. */
function solveWetBulbC(airC: number, humidityPercent: number): number {
  const saturation = (t: number) => 0.6108 * Math.exp((17.27 * t) / (t + 237.3))
  const ratio = (kpa: number) => (0.622 * kpa) / (SEA_LEVEL_KPA - kpa)
  const inAir = ratio((saturation(airC) * humidityPercent) / 100)
  let low = -40
  let high = airC
  for (let round = 0; round < 60; round++) {
    const wet = (low + high) / 2
    const balance = (2501 - 2.326 * wet) * ratio(saturation(wet)) - 1.006 * (airC - wet)
    if (balance / (2501 + 1.86 * airC - 4.186 * wet) > inAir) high = wet
    else low = wet
  }
  return (low + high) / 2
}

describe('saturation vapour pressure', () => {
  // Steam table values over water, kPa.
  it.each([
    [0, 0.6112],
    [10, 1.2281],
    [20, 2.3388],
    [30, 4.2467],
    [40, 7.3844],
    [50, 12.3513],
  ])('at %d °C is %d kPa within 0.2 percent', (airC, kpa) => {
    expect(Math.abs((saturationVapourPressureKpa(airC) ?? 0) / kpa - 1)).toBeLessThan(0.002)
  })

  // FAO-56 annex 2, table 2.3.
  it.each([
    [1, 0.657],
    [15, 1.705],
    [25, 3.168],
    [35, 5.623],
  ])('at %d °C is the %d kPa that FAO-56 prints', (airC, kpa) => {
    expect(saturationVapourPressureKpa(airC)).toBeCloseTo(kpa, 2)
  })
})

describe('wet bulb', () => {
  it('gives the published example: 20 °C and 50 % is 13.7 °C', () => {
    expect(wetBulbC(20, 50)).toBeCloseTo(13.7, 1)
  })

  it.each([
    { upToC: 35, low: -0.6, high: 0.7 },
    { upToC: 45, low: -0.6, high: 1.02 },
  ])('is off by $low … $high °C up to $upToC °C', ({ upToC, low, high }) => {
    for (let airC = 5; airC <= upToC; airC++) {
      for (let rh = 20; rh <= 99; rh++) {
        const error = (wetBulbC(airC, rh) ?? Number.NaN) - solveWetBulbC(airC, rh)
        if (!(error > low && error < high)) expect.fail(`${airC} °C ${rh} %: ${error}`)
      }
    }
  })

  it.each([
    [51, 50],
    [-21, 50],
    [20, 4.9],
    [20, 99.1],
    [-20, 5],
    [Number.NaN, 50],
    [20, Number.NaN],
  ])('is withheld outside its range: %d °C, %d percent', (airC, rh) => {
    expect(wetBulbC(airC, rh)).toBeUndefined()
  })
})

describe('moist air', () => {
  // ASHRAE chart, sea level: 25 °C and 50 % hold 9.9 g/kg and 50.3 kJ/kg; 30 °C and 80 % hold 21.6 g/kg and 85.3 kJ/kg.
  it.each([
    [25, 50, 0.0099, 50.3],
    [30, 80, 0.0216, 85.3],
  ])('at %d °C and %d percent', (airC, rh, ratio, enthalpy) => {
    expect(humidityRatio(airC, rh)).toBeCloseTo(ratio, 4)
    expect(enthalpyKjPerKg(airC, rh)).toBeCloseTo(enthalpy, 0)
  })

  it('has the enthalpy 0 when dry at 0 °C', () => {
    expect(enthalpyKjPerKg(0, 0)).toBe(0)
  })

  it('splits the saturation pressure into what is there and what is missing', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -20, max: 60, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (t, rh) => {
          const sum =
            (vapourPressureKpa(t, rh) ?? Number.NaN) + (vapourPressureDeficitKpa(t, rh) ?? Number.NaN)
          expect(sum).toBeCloseTo(saturationVapourPressureKpa(t) ?? Number.NaN, 9)
        },
      ),
    )
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -20.1, 60.1])('refuses %d °C everywhere', (airC) => {
    const formulas = [
      vapourPressureKpa,
      vapourPressureDeficitKpa,
      humidityRatio,
      enthalpyKjPerKg,
      wetBulbC,
      saturationVapourPressureKpa,
    ]
    for (const formula of formulas) expect(formula(airC, 50)).toBeUndefined()
  })

  it.each([59, 111, Number.NaN])('refuses an air pressure of %d kPa', (kpa) => {
    expect(humidityRatio(20, 50, kpa)).toBeUndefined()
    expect(enthalpyKjPerKg(20, 50, kpa)).toBeUndefined()
  })
})
