import { describe, expect, it } from 'vitest'
import { createRandom } from './random.ts'

const draw = (seed: number, name: string, n: number) => {
  const random = createRandom(seed, name)
  return Array.from({ length: n }, () => random.uniform())
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('a seeded stream', () => {
  it('repeats itself, and differs by seed and by name', () => {
    expect(draw(1, 'air', 50)).toEqual(draw(1, 'air', 50))
    expect(draw(1, 'air', 50)).not.toEqual(draw(2, 'air', 50))
    expect(draw(1, 'air', 50)).not.toEqual(draw(1, 'birds', 50))
  })

  it('is even between 0 and 1', () => {
    const values = draw(3, 'even', 20_000)
    expect(mean(values)).toBeCloseTo(0.5, 1)
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values)).toBeLessThan(1)
  })

  it('is normal with mean 0 and spread 1', () => {
    const random = createRandom(4, 'normal')
    const values = Array.from({ length: 20_000 }, () => random.normal())
    expect(Math.abs(mean(values))).toBeLessThan(0.03)
    expect(mean(values.map((value) => value ** 2))).toBeCloseTo(1, 1)
  })

  it.each([0, 0.2, 4, 200])('counts %d things on average', (expected) => {
    const random = createRandom(5, 'poisson')
    const counts = Array.from({ length: 5000 }, () => random.poisson(expected))
    expect(Math.abs(mean(counts) - expected)).toBeLessThanOrEqual(0.05 * expected)
    expect(counts.every((count) => Number.isInteger(count) && count >= 0)).toBe(true)
  })
})
