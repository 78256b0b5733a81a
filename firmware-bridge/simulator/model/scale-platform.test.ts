import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { createScalePlatform } from './scale-platform.ts'

const MEAN_G = 1500
const HOUR_SAMPLES = 36_000

/** An hour of samples with what truly stood on the plate after each. */
const watch = (activity: number, samples = HOUR_SAMPLES) => {
  const platform = createScalePlatform(createRandom(1, 'scale'))
  return Array.from({ length: samples }, () => ({
    grams: platform.sample(MEAN_G, activity),
    standing: platform.standing(),
  }))
}

describe('the scale platform', () => {
  const day = watch(1)

  it('is mostly empty or under one bird, sometimes under two or three', () => {
    const share = (n: number) => day.filter(({ standing }) => standing.length === n).length / day.length
    expect(share(1)).toBeGreaterThan(share(2))
    expect(share(0)).toBeGreaterThan(0.15)
    expect(share(2)).toBeGreaterThan(0.02)
    expect(share(3)).toBeGreaterThan(0)
    expect(share(4)).toBe(0)
  })

  it('brings at least a hundred birds an hour, with the mean and spread of the flock', () => {
    const birds = new Set(day.flatMap(({ standing }) => standing))
    expect(birds.size).toBeGreaterThan(100)
    const weights = [...birds]
    const mean = weights.reduce((sum, grams) => sum + grams, 0) / weights.length
    const spread = Math.sqrt(
      weights.reduce((sum, grams) => sum + (grams - mean) ** 2, 0) / (weights.length - 1),
    )
    expect(Math.abs(mean / MEAN_G - 1)).toBeLessThan(0.025)
    expect(spread / mean).toBeGreaterThan(0.075)
    expect(spread / mean).toBeLessThan(0.105)
  })

  it('shows the birds that stand on it, give or take litter, when nobody lands or flaps', () => {
    const errors = day
      .slice(1)
      .filter(({ standing }, at) => standing.join() === day[at]?.standing.join())
      .map(({ grams, standing }) => Math.abs(grams - standing.reduce((sum, bird) => sum + bird, 0)))
      .sort((a, b) => a - b)
    expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(45)
    expect(errors.at(-1)).toBeGreaterThan(300)
  })

  it('has a zero that drifts with the litter and stays within bounds', () => {
    const empty = day.filter(
      ({ standing }, at) => standing.length === 0 && day[at - 1]?.standing.length === 0,
    )
    const zeros = empty.map(({ grams }) => grams)
    expect(Math.max(...zeros) - Math.min(...zeros)).toBeGreaterThan(10)
    expect(Math.max(...zeros)).toBeLessThan(70)
    expect(Math.min(...zeros)).toBeGreaterThan(-10)
  })

  it('is visited less in the dark', () => {
    const visits = (watched: typeof day) => new Set(watched.flatMap(({ standing }) => standing)).size
    expect(visits(watch(0.05))).toBeLessThan(visits(day) / 4)
  })

  it('stays empty in an empty house', () => {
    const platform = createScalePlatform(createRandom(1, 'scale'))
    for (let i = 0; i < 1000; i++) expect(platform.sample(0, 1)).toBeLessThan(30)
  })
})
