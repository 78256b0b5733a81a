import { describe, expect, it } from 'vitest'
import { createLoadFilter } from './load-filter.ts'

describe('load filter', () => {
  it.each([
    [1000, 1000],
    [100, 100],
    [50, 100],
    [12.5, 100],
  ])('of samples every %d ms gives a value every %d ms and drops spikes', (stepMs, outMs) => {
    const filter = createLoadFilter(stepMs)
    expect(filter.stepMs).toBe(outMs)
    const seen: number[] = []
    for (let sample = 0; sample < 400; sample++) {
      const value = filter.take(sample % 50 === 20 ? 9000 : 100)
      if (value !== undefined) seen.push(value)
    }
    expect(new Set(seen)).toEqual(new Set([100]))
  })
})
