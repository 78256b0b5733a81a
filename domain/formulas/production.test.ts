import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  averageDailyGainG,
  feedConversion,
  feedConversionOfGain,
  livabilityPercent,
  mortalityAdjustedFeedConversion,
  performanceIndexPercent,
  productionEfficiency,
  weightCorrectedFeedConversion,
} from './production.ts'

describe('feed conversion', () => {
  it('is feed over live weight, as in the Ross 308 table on day 42', () => {
    expect(feedConversion(4.586, 2.998)).toBeCloseTo(1.531, 2)
  })

  it('over the gain is higher, with the dead birds lower', () => {
    expect(feedConversionOfGain(4.586, 2.998, 0.044)).toBeCloseTo(1.5525, 4)
    expect(mortalityAdjustedFeedConversion(4586, 2998, 60)).toBeCloseTo(4586 / 3058, 9)
    expect(mortalityAdjustedFeedConversion(4586, 2998, 0)).toBe(feedConversion(4586, 2998))
  })

  it('moves by 0.01 for 40 g when corrected, and by the k that is asked for', () => {
    expect(weightCorrectedFeedConversion(1.6, 2.46, 2.5)).toBeCloseTo(1.61, 9)
    expect(weightCorrectedFeedConversion(1.6, 2.54, 2.5)).toBeCloseTo(1.59, 9)
    expect(weightCorrectedFeedConversion(1.6, 2.32, 2.5, 4.5)).toBeCloseTo(1.64, 9)
    expect(weightCorrectedFeedConversion(1.6, 2.5, 2.5)).toBe(1.6)
    expect(weightCorrectedFeedConversion(1.6, 2.4, 2.5, 0)).toBeUndefined()
  })

  it('has no value without birds', () => {
    expect(feedConversion(100, 0)).toBeUndefined()
    expect(feedConversionOfGain(100, 40, 40)).toBeUndefined()
    expect(feedConversionOfGain(100, 40, 41)).toBeUndefined()
  })
})

describe('production efficiency', () => {
  it('gives the worked example: 61 g a day, 96 %, FCR 1.62 is 361', () => {
    const ageDays = 35
    expect(productionEfficiency(96, (61 * ageDays) / 1000, ageDays, 1.62)).toBeCloseTo(361, 0)
  })

  it.each([
    [101, 2, 35, 1.6],
    [96, 0, 35, 1.6],
    [96, 2, 0, 1.6],
    [96, 2, 35, 0],
    [Number.NaN, 2, 35, 1.6],
    [96, Number.NaN, 35, 1.6],
    [96, 2, Number.NaN, 1.6],
    [96, 2, 35, Number.NaN],
  ])('is withheld for %d percent, %d kg, %d d, %d', (livability, kg, days, fcr) => {
    expect(productionEfficiency(livability, kg, days, fcr)).toBeUndefined()
  })
})

describe('counts and gains', () => {
  it('livability counts culled birds as lost', () => {
    expect(livabilityPercent(10_000, 400)).toBe(96)
    expect(livabilityPercent(10_000, 10_001)).toBeUndefined()
    expect(livabilityPercent(0, 0)).toBeUndefined()
  })

  it('gain and index', () => {
    expect(averageDailyGainG(44, 2296, 35)).toBeCloseTo(64.34, 2)
    expect(averageDailyGainG(44, 2296, 0)).toBeUndefined()
    expect(performanceIndexPercent(2180, 2296)).toBeCloseTo(94.95, 2)
    expect(performanceIndexPercent(2180, 0)).toBeUndefined()
  })
})

it('never returns NaN or Infinity, whatever comes in', () => {
  const formulas: ((a: number, b: number, c: number, d: number) => number | undefined)[] = [
    feedConversion,
    feedConversionOfGain,
    mortalityAdjustedFeedConversion,
    weightCorrectedFeedConversion,
    productionEfficiency,
    averageDailyGainG,
    livabilityPercent,
    performanceIndexPercent,
  ]
  fc.assert(
    fc.property(fc.double(), fc.double(), fc.double(), fc.double(), (a, b, c, d) => {
      for (const formula of formulas) {
        const value = formula(a, b, c, d)
        expect(value === undefined || Number.isFinite(value), formula.name).toBe(true)
      }
    }),
  )
})
