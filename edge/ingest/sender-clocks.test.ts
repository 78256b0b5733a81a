import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '#domain/time.ts'
import { createSenderClocks } from './sender-clocks.ts'

describe('clocks of senders', () => {
  it('are off by the smallest difference to when their messages arrive', () => {
    const clocks = createSenderClocks()
    for (const [own, way] of [
      [0, 5_000],
      [1_000, 30],
      [2_000, 9_000],
    ] as const)
      clocks.heard('bridge', own, 1_000_000 + own + way)
    expect(clocks.momentOf('bridge', 2_000)).toBe(1_002_030)
  })

  it('give one moment to a message that comes twice, whatever ways the others took', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_900 }), { minLength: 1, maxLength: 50 }), (ways) => {
        const clocks = createSenderClocks()
        clocks.heard('bridge', 0, 1_000)
        const first = clocks.momentOf('bridge', 0)
        for (const [index, way] of ways.entries()) clocks.heard('bridge', index, index + way)
        expect(clocks.momentOf('bridge', 0)).toBe(first)
      }),
    )
  })

  it('are followed when they drift, and when they are set', () => {
    const clocks = createSenderClocks()
    // One that loses ten seconds in each hour.
    for (let minute = 0; minute <= 600; minute++)
      clocks.heard('slow', minute * MINUTE - (minute * 10_000) / 60, minute * MINUTE)
    const own = 600 * MINUTE - 100_000
    expect(Math.abs(clocks.momentOf('slow', own) - 600 * MINUTE)).toBeLessThan(25_000)
    clocks.heard('slow', own - 365 * DAY, 10 * HOUR + 40)
    expect(clocks.momentOf('slow', own - 365 * DAY)).toBe(10 * HOUR + 40)
  })

  it('are bounded in number', () => {
    const clocks = createSenderClocks()
    for (let sender = 0; sender < 1_500; sender++) clocks.heard(`s${sender}`, 0, 1)
    expect(clocks.momentOf('s0', 0)).toBeNaN()
    expect(clocks.momentOf('s1499', 0)).toBe(1)
  })
})
