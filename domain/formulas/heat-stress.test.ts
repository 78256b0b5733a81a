import { describe, expect, it } from 'vitest'
import {
  coreRiseState,
  fahrenheitHumidityBand,
  fahrenheitHumidityIndex,
  maraiBand,
  maraiThiC,
  thiC,
  thiFromHumidityC,
  thviC,
} from './heat-stress.ts'

describe('THI', () => {
  it.each([
    ['broiler', 33.5],
    ['layer', 31],
    ['turkey', 32.4],
  ] as const)('of a %s at 35 °C dry and 25 °C wet is %d', (poultry, expected) => {
    expect(thiC(poultry, 35, 25)).toBeCloseTo(expected, 9)
  })

  it('takes the wet bulb from the humidity', () => {
    // Stull's own example: 20 °C and 50 % have a wet bulb of 13.7 °C.
    expect(thiFromHumidityC('broiler', 20, 50)).toBeCloseTo(0.85 * 20 + 0.15 * 13.7, 2)
    expect(thiFromHumidityC('broiler', 20, 100)).toBeUndefined()
  })

  it.each([
    [35, 36],
    [51, 20],
    [-1, -1],
    [Number.NaN, 20],
    [35, Number.NaN],
  ])('is withheld at %d °C dry and %d °C wet', (dry, wet) => {
    expect(thiC('broiler', dry, wet)).toBeUndefined()
  })
})

describe('THVI', () => {
  it('is the THI at 1 m/s, more in still air, less in a wind', () => {
    expect(thviC(33.5, 1)).toBe(33.5)
    expect(thviC(33.5, 0.2)).toBeCloseTo(36.78, 2)
    expect(thviC(33.5, 1.2)).toBeCloseTo(33.15, 2)
  })

  it.each([0, 0.19, 1.21, -1, Number.NaN])('is withheld at %d m/s', (speed) => {
    expect(thviC(33.5, speed)).toBeUndefined()
  })
})

describe('bands', () => {
  it.each([
    [0, 'normal'],
    [1, 'normal'],
    [1.01, 'alert'],
    [2.5, 'alert'],
    [2.51, 'danger'],
    [4, 'danger'],
    [4.01, 'emergency'],
    [Number.NaN, undefined],
  ])('a core %d °C warmer is %s', (rise, state) => {
    expect(coreRiseState(rise)).toBe(state)
  })

  it.each([
    [25.99, 'comfort'],
    [26, 'stress'],
    [29, 'stress'],
    [29.01, 'severe'],
    [Number.NaN, undefined],
  ])('a Marai index of %d is %s', (thi, band) => {
    expect(maraiBand(thi)).toBe(band)
  })

  it.each([
    [155, 'normal'],
    [156, 'caution'],
    [165, 'caution'],
    [166, 'danger'],
    [Number.NaN, undefined],
  ])('an index of °F and humidity of %d is %s', (index, band) => {
    expect(fahrenheitHumidityBand(index)).toBe(band)
  })

  it('takes other limits for °F and humidity', () => {
    expect(fahrenheitHumidityBand(158, { caution: 160, danger: 170 })).toBe('normal')
  })
})

describe('other indices', () => {
  it('Marai equals the air temperature in saturated air and is lower in dry air', () => {
    expect(maraiThiC(30, 100)).toBe(30)
    expect(maraiThiC(30, 0)).toBeCloseTo(30 - 0.31 * 15.6, 9)
    expect(maraiThiC(30, 101)).toBeUndefined()
  })

  it('30 °C and 70 % add up to 156', () => {
    expect(fahrenheitHumidityIndex(30, 70)).toBeCloseTo(156, 9)
    expect(fahrenheitHumidityIndex(30, Number.NaN)).toBeUndefined()
  })
})
