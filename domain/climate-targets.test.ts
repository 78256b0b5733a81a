import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { weightAt } from './breeds/breed-standard.ts'
import { ross308 } from './breeds/data/ross-308.ts'
import {
  citedLimits,
  minimumVentilation,
  targetTemperature,
  targetTemperatureByAgeC,
} from './climate-targets.ts'

describe('target temperature by weight and humidity', () => {
  it.each([
    [44, 36.0, 33.2, 30.8, 29.2],
    [425, 30.2, 27.8, 25.7, 24.0],
    [1015, 26.9, 24.7, 22.7, 21.3],
    [1530, 24.8, 22.7, 20.7, 19.3],
    [3000, 24.8, 22.7, 20.7, 19.3],
  ])('%d g', (weightG, ...expected) => {
    const found = [40, 50, 60, 70].map((humidity) => targetTemperature(weightG, humidity))
    expect(found.map((target) => target?.airC)).toEqual(expected)
    expect(found.some((target) => target?.isHumidityClamped || target?.isWeightClamped)).toBe(false)
  })

  it('is bilinear between the rows and columns', () => {
    // Middle of 425 and 590 g, middle of 50 and 60 %: the mean of the four corners.
    expect(targetTemperature(507.5, 55)?.airC).toBeCloseTo((27.8 + 25.7 + 26.8 + 24.8) / 4, 9)
  })

  it('holds the humidity at 40 and 70 % and says so', () => {
    expect(targetTemperature(425, 39.9)).toEqual({
      airC: 30.2,
      isHumidityClamped: true,
      isWeightClamped: false,
    })
    expect(targetTemperature(425, 85)).toEqual({ airC: 24, isHumidityClamped: true, isWeightClamped: false })
  })

  it('holds a chick of 38 g at 44 g and says so', () => {
    expect(targetTemperature(38, 60)).toEqual({ airC: 30.8, isHumidityClamped: false, isWeightClamped: true })
  })

  it('falls with weight and with humidity', () => {
    const weight = fc.integer({ min: 30, max: 6000 })
    const humidity = fc.integer({ min: 0, max: 100 })
    fc.assert(
      fc.property(weight, humidity, fc.nat(500), fc.nat(20), (g, rh, moreG, moreRh) => {
        const here = targetTemperature(g, rh)?.airC ?? Number.NaN
        expect(targetTemperature(Math.min(6000, g + moreG), rh)?.airC).toBeLessThanOrEqual(here + 1e-9)
        expect(targetTemperature(g, Math.min(100, rh + moreRh))?.airC).toBeLessThanOrEqual(here + 1e-9)
      }),
    )
  })

  it.each([
    [29, 60],
    [6001, 60],
    [425, -1],
    [425, 101],
    [Number.NaN, 60],
    [425, Number.NaN],
  ])('says nothing for %d g at %d percent', (weightG, humidity) => {
    expect(targetTemperature(weightG, humidity)).toBeUndefined()
  })
})

describe('target temperature by age', () => {
  it.each([
    [0, 30.8],
    [1.5, 29.85],
    [12, 25.7],
    [27, 20.7],
    [42, 20.7],
  ])('day %d is %d °C', (age, airC) => {
    expect(targetTemperatureByAgeC(age)).toBeCloseTo(airC, 9)
  })

  it('agrees with the table by weight for a Ross 308 at 60 %', () => {
    for (let age = 0; age <= 42; age++) {
      const byWeight = targetTemperature(weightAt(ross308, age) ?? Number.NaN, 60)?.airC
      expect(
        Math.abs((byWeight ?? Number.NaN) - (targetTemperatureByAgeC(age) ?? Number.NaN)),
        `day ${age}`,
      ).toBeLessThan(0.15)
    }
  })

  it.each([-1, 101, Number.NaN])('says nothing on day %d', (age) => {
    expect(targetTemperatureByAgeC(age)).toBeUndefined()
  })
})

describe('minimum ventilation', () => {
  it.each([
    [50, 0.08],
    [500, 0.514],
    [1000, 0.864],
    [2000, 1.453],
    [2100, 1.507],
    [3000, 1.969],
    [4000, 2.444],
  ])('%d g need %d m³/h', (weightG, m3) => {
    const found = minimumVentilation(weightG)
    expect(found?.m3PerHourPerBird).toBeCloseTo(m3, 9)
    expect(found?.isWeightClamped).toBe(false)
  })

  it('rises with weight, but less than the weight', () => {
    for (let weightG = 50; weightG < 4400; weightG += 50) {
      const here = minimumVentilation(weightG)?.m3PerHourPerBird ?? Number.NaN
      const next = minimumVentilation(weightG + 50)?.m3PerHourPerBird ?? Number.NaN
      expect(next).toBeGreaterThan(here)
      expect(next / here).toBeLessThan((weightG + 50) / weightG)
    }
  })

  it('holds light and heavy birds at the ends and says so', () => {
    expect(minimumVentilation(42)).toEqual({ m3PerHourPerBird: 0.08, isWeightClamped: true })
    expect(minimumVentilation(4500)).toEqual({ m3PerHourPerBird: 2.625, isWeightClamped: true })
  })

  it('holds only between −1 and 16 °C outside', () => {
    expect(minimumVentilation(1000, -1)).toBeDefined()
    expect(minimumVentilation(1000, 16)).toBeDefined()
    for (const outsideC of [-1.1, 16.1, Number.NaN])
      expect(minimumVentilation(1000, outsideC)).toBeUndefined()
    for (const weightG of [29, 6001, Number.NaN]) expect(minimumVentilation(weightG)).toBeUndefined()
  })
})

describe('cited limits', () => {
  it.each(citedLimits)('$quantity $value $unit has a source and both languages', (limit) => {
    expect(limit.source).not.toBe('')
    expect(limit.value).toBeGreaterThan(0)
    for (const text of [limit.appliesTo, ...(limit.condition ? [limit.condition] : [])]) {
      expect(text.en).toMatch(/^[\x20-\x7e°²]+$/)
      expect(text.zh).toMatch(/\p{Script=Han}/u)
    }
  })

  it('knows the ammonia limits of the directive and of NY/T 388', () => {
    const ammonia = citedLimits.filter(({ quantity }) => quantity === 'air.nh3')
    expect(ammonia.map(({ value, unit }) => `${value} ${unit}`)).toEqual([
      '20 ppm',
      '10 ppm',
      '10 mg/m³',
      '15 mg/m³',
    ])
  })
})
