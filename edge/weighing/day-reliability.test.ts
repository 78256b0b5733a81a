import { describe, expect, it } from 'vitest'
import { judgeDays } from './day-reliability.ts'
import { weighOneBird } from './one-bird-day.ts'

const day = (date: number, grams: number, more = {}) => ({
  day: `2026-06-${String(date).padStart(2, '0')}`,
  weight: { n: 20, grams, low: grams * 0.99, high: grams * 1.01, share: 0.9, ...more },
})

describe('reliable days', () => {
  it('are those without a flaw', () => {
    const { days, scaleMoved } = judgeDays([
      day(1, 18.5),
      day(2, 18.7, { n: 3 }),
      day(3, 18.7, { share: 0.1 }),
      day(4, 18.6, { low: 17, high: 20 }),
      { day: '2026-06-05', weight: undefined },
      day(6, 18.4),
    ])
    expect(days.map(({ flaw }) => flaw)).toEqual([
      undefined,
      'not-enough',
      'levels-disagree',
      'too-vague',
      'nothing',
      undefined,
    ])
    expect(scaleMoved).toEqual([])
  })

  it('leave out one that jumps', () => {
    const { days, scaleMoved } = judgeDays([day(1, 18.5), day(2, 16.5), day(3, 18.6)])
    expect(days.map(({ flaw }) => flaw)).toEqual([undefined, 'jump', undefined])
    expect(scaleMoved).toEqual([])
  })

  it('go on at a new level that a second day confirms, and say that the scale moved', () => {
    const { days, scaleMoved } = judgeDays([day(1, 18.5), day(2, 16.5), day(3, 16.6)])
    expect(days.map(({ flaw }) => flaw)).toEqual([undefined, undefined, undefined])
    expect(scaleMoved).toEqual(['2026-06-02'])
  })

  it('let a bird grow', () => {
    const growing = [day(1, 1000), day(2, 1070), day(3, 1145)]
    expect(judgeDays(growing).days.some(({ flaw }) => flaw)).toBe(true)
    expect(judgeDays(growing, () => 1.07).days.some(({ flaw }) => flaw)).toBe(false)
  })
})

describe('weight of one bird', () => {
  const weight = (grams: number, stoodMs = 10_000) => ({
    kind: 'weight' as const,
    t: 0,
    grams,
    confidence: 1,
    stoodMs,
    way: 'on' as const,
    alone: true,
  })
  it('is the highest level that lasts, not the mean with the times it leaned', () => {
    const whole = [18.4, 18.5, 18.5, 18.6, 18.7].map((grams) => weight(grams))
    const leaning = [12, 13.1, 14.4, 15.2, 15.9, 16.3].map((grams) => weight(grams))
    expect(weighOneBird([...whole, ...leaning])?.grams).toBeCloseTo(18.5)
  })
  it('is no single spike above the rest', () => {
    expect(
      weighOneBird([...Array.from({ length: 9 }, () => weight(18.5)), weight(24, 1000)])?.grams,
    ).toBeCloseTo(18.5)
    expect(weighOneBird([])).toBeUndefined()
  })
})
