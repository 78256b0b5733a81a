import { describe, expect, it } from 'vitest'
import { type FlockDayContext, flockDay, MIN_DAY_WEIGHTS } from './flock-day.ts'
import { visitBias } from './visit-bias.ts'
import { weightHistogram } from './weight-histogram.ts'

const MIDDAY = Date.UTC(2026, 5, 1, 12)
const HOUR = 3_600_000

/** A repeatable uniform, 0 … 1, and a normal from twelve of them. */
function chance(seed: number) {
  let state = seed
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  return {
    uniform,
    normal: () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, -6),
  }
}

const context: FlockDayContext = { ageDays: 20, middayT: MIDDAY, expectedG: () => 1000 }
const corrected = 1000 + visitBias(20).mean * 80

function birds(n: number, seed = 1, sd = 80) {
  const { uniform, normal } = chance(seed)
  return Array.from({ length: n }, () => ({
    t: MIDDAY + (uniform() - 0.5) * 16 * HOUR,
    grams: 1000 + sd * normal(),
  }))
}

function dayOf(weights: ReturnType<typeof birds>, of = context) {
  const result = flockDay(weights, of)
  if (!result.ok) throw new Error(result.reason)
  return result.day
}

describe('day of a flock', () => {
  it('says how many are missing instead of a mean', () => {
    const few = birds(MIN_DAY_WEIGHTS - 1)
    expect(flockDay(few, context)).toEqual({
      ok: false,
      reason: 'not-enough-birds',
      n: 49,
      needed: MIN_DAY_WEIGHTS,
    })
  })

  it('finds mean, spread and uniformity of a normal flock', () => {
    const day = dayOf(birds(2000))
    expect(Math.abs(day.meanG - corrected)).toBeLessThan(8)
    expect(Math.abs(day.cvPercent - 8)).toBeLessThan(0.4)
    expect(Math.abs(day.u10Percent - 79)).toBeLessThan(3)
    expect(Math.abs(day.u15Percent - 94)).toBeLessThan(3)
    expect(day.low).toBeLessThan(corrected)
    expect(day.high).toBeGreaterThan(corrected)
  })

  it('says weights that are all alike as they are', () => {
    const alike = Array.from({ length: 300 }, (_, index) => ({ t: MIDDAY + index * 60_000, grams: 1000 }))
    const day = dayOf(alike)
    expect(Math.abs(day.meanG - 1000)).toBeLessThan(5)
    expect(day.cvPercent).toBeLessThan(1)
  })

  it('weighs on the first and the last day of a table', () => {
    const ends = { ...context, expectedG: (t: number) => (t > MIDDAY + 4 * HOUR ? Number.NaN : 1000) }
    expect(Math.abs(dayOf(birds(500), ends).meanG - corrected)).toBeLessThan(15)
    const before = birds(200, 2).map(({ t, grams }) => ({ t: t - 24 * HOUR, grams: 3 * grams }))
    const begins = { ...context, expectedG: (t: number) => (t < MIDDAY - 12 * HOUR ? Number.NaN : 1000) }
    expect(dayOf(birds(500), { ...begins, earlier: [before, before] })).toEqual(dayOf(birds(500), begins))
  })

  it('is not pulled down by birds with a foot beside the plate, and shows what it added', () => {
    const { uniform } = chance(5)
    const clean = dayOf(birds(600, 2))
    const partly = birds(600, 2).map((one, index) =>
      index % 14 === 0 ? { ...one, grams: one.grams * (0.65 + 0.3 * uniform()) } : one,
    )
    const day = dayOf(partly)
    expect(day.plainG).toBeLessThan(clean.plainG - 8)
    expect(Math.abs(day.meanG - clean.meanG)).toBeLessThan(6)
    expect(day.corrections.partlyOnG).toBeGreaterThan(4)
  })

  it('puts all weights to midday, whatever hour the birds came', () => {
    const { normal } = chance(3)
    const growing = { ...context, expectedG: (t: number) => 1000 * (1 + (0.1 * (t - MIDDAY)) / (24 * HOUR)) }
    // All came in the last two hours of light, when the flock weighed 3 % more.
    const evening = Array.from({ length: 90 }, (_, index) => {
      const t = MIDDAY + 6.5 * HOUR + (index * HOUR) / 60
      return { t, grams: growing.expectedG(t) * (1 + 0.08 * normal()) }
    })
    const day = dayOf(evening, growing)
    expect(day.corrections.timeOfDayG).toBeLessThan(-20)
    expect(Math.abs(day.meanG - corrected)).toBeLessThan(3 * ((day.high - day.low) / 3.92))
  })

  it('counts birds that come again and again as one', () => {
    const few = birds(120, 4)
    const { normal } = chance(9)
    const again = Array.from({ length: 4 }, () =>
      few.map(({ t, grams }) => ({ t, grams: grams * (1 + 0.001 * normal()) })),
    ).flat()
    const repeated = dayOf(again)
    const fresh = dayOf(birds(480, 4))
    expect(repeated.birds).toBeLessThan(220)
    // Of one day alone nobody can be sure that no bird came again: the usual repeats are believed in part.
    expect(fresh.birds).toBeGreaterThan(1.5 * repeated.birds)
    expect(fresh.birds).toBeGreaterThan(250)
    expect(repeated.high - repeated.low).toBeGreaterThan(1.3 * (fresh.high - fresh.low))
  })

  it('grows the correction for light visitors, and its uncertainty, from week five on', () => {
    const young = dayOf(birds(500), { ...context, ageDays: 10 })
    const old = dayOf(birds(500), { ...context, ageDays: 45 })
    expect(old.corrections.visitBiasG).toBeGreaterThan(2.5 * young.corrections.visitBiasG)
    expect(old.high - old.low).toBeGreaterThan(young.high - young.low)
  })

  it('holds the true mean in 95 of 100 intervals when the visitors are a fair sample', () => {
    let holds = 0
    for (let seed = 1; seed <= 200; seed++) {
      const { low, high } = dayOf(birds(150, seed))
      if (low <= corrected && corrected <= high) holds++
    }
    expect(holds).toBeGreaterThan(184)
  })

  it('draws a histogram that leaves nobody out', () => {
    const weights = birds(400)
    const { counts, fromG, widthG } = weightHistogram(
      weights.map(({ grams }) => grams),
      1000,
    )
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(400)
    expect(fromG).toBeLessThanOrEqual(500)
    expect(widthG).toBe(40)
  })
})
