import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalUniformityPercent, uniformity } from './uniformity.ts'

describe('uniformity of weighed birds', () => {
  it('counts by hand', () => {
    const flock = uniformity([900, 950, 1000, 1050, 1100])
    expect(flock).toMatchObject({ birds: 5, meanG: 1000, u10Percent: 100, u15Percent: 100 })
    expect(flock?.sdG).toBeCloseTo(Math.sqrt(25_000 / 4), 9)
    expect(flock?.cvPercent).toBeCloseTo(7.906, 3)
  })

  it('tells ±10 % from ±15 %', () => {
    expect(uniformity([860, 1000, 1000, 1140])).toMatchObject({ u10Percent: 50, u15Percent: 100 })
  })

  it.each([[[]], [[1000]], [[1000, Number.NaN]], [[1000, 0]], [[1000, Number.POSITIVE_INFINITY]]])(
    'has no value for %j',
    (weights: number[]) => {
      expect(uniformity(weights)).toBeUndefined()
    },
  )

  it('does not change when all birds are heavier by the same factor', () => {
    const weights = fc.array(fc.integer({ min: 40, max: 5000 }), { minLength: 2, maxLength: 60 })
    fc.assert(
      fc.property(weights, fc.integer({ min: 2, max: 5 }), (birds, factor) => {
        const one = uniformity(birds)
        const other = uniformity(birds.map((weight) => weight * factor))
        expect(other?.cvPercent).toBeCloseTo(one?.cvPercent ?? Number.NaN, 6)
        expect(other?.u10Percent).toBe(one?.u10Percent)
        expect(other?.u15Percent).toBe(one?.u15Percent)
      }),
    )
  })
})

describe('uniformity expected from the CV', () => {
  it.each([
    [6, 90.4],
    [7, 84.7],
    [8, 78.9],
    [9, 73.3],
    [10, 68.3],
    [12, 59.5],
    [14, 52.5],
    [16, 46.8],
  ])('CV %d has U10 %d', (cv, u10) => {
    expect(normalUniformityPercent(cv)).toBeCloseTo(u10, 1)
  })

  it('meets the published management target: CV 8, U10 79, U15 94', () => {
    expect(Math.round(normalUniformityPercent(8, 10) ?? 0)).toBe(79)
    expect(Math.round(normalUniformityPercent(8, 15) ?? 0)).toBe(94)
  })

  it('is 100 without spread and withheld for impossible spread', () => {
    expect(normalUniformityPercent(0)).toBe(100)
    for (const cv of [-1, 101, Number.NaN]) expect(normalUniformityPercent(cv)).toBeUndefined()
    for (const band of [0, 51, Number.NaN]) expect(normalUniformityPercent(8, band)).toBeUndefined()
  })

  it('agrees with birds laid out on a normal curve', () => {
    const cv = 0.1
    // Box–Muller over an even grid: no random numbers, 4,000 birds around 2,000 g.
    const birds: number[] = []
    for (let i = 0; i < 40; i++) {
      for (let j = 0; j < 100; j++) {
        const radius = Math.sqrt(-2 * Math.log((i + 0.5) / 40))
        birds.push(2000 * (1 + cv * radius * Math.cos((2 * Math.PI * (j + 0.5)) / 100)))
      }
    }
    const measured = uniformity(birds)
    expect(measured?.u10Percent).toBeCloseTo(normalUniformityPercent(measured?.cvPercent ?? 0) ?? 0, -1)
    expect(Math.abs((measured?.u10Percent ?? 0) - 68.3)).toBeLessThan(1.5)
  })
})
