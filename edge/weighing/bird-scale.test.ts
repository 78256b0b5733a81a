import { describe, expect, it } from 'vitest'
import { createBirdScale } from './bird-scale.ts'
import type { ScaleEvent } from './scale-event.ts'

const T0 = Date.UTC(2026, 5, 29, 2)
const BIRD = 1600

/** A repeatable noise between −1 and 1. */
function noise(seed: number) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

type Part = { g: number; s: number; spread?: number }

/** Plays loads that last some seconds each, with 3 g of noise, and gives what the scale says. */
function play(
  parts: Part[],
  { hz = 10, expectedG = BIRD, type = 'platform' as 'platform' | 'hanging', seed = 1 } = {},
) {
  return playOn(createBirdScale({ stepMs: 1000 / hz, type }), parts, { hz, expectedG, seed })
}

function playOn(
  scale: ReturnType<typeof createBirdScale>,
  parts: Part[],
  { hz = 10, expectedG = BIRD, seed = 1, t0 = T0 } = {},
) {
  const random = noise(seed)
  const events: ScaleEvent[] = []
  let t = t0
  for (const { g, s, spread = 3 * (expectedG / BIRD) } of parts) {
    for (let sample = 0; sample < s * hz; sample++) {
      events.push(...scale.take(Math.round(t), g + spread * random(), expectedG))
      t += 1000 / hz
    }
  }
  return events
}

const weightsOf = (events: ScaleEvent[]) =>
  events.filter((event) => event.kind === 'weight').map(({ grams }) => grams)
const reasonsOf = (events: ScaleEvent[]) =>
  events.flatMap((event) => (event.kind === 'reject' ? [event.reason] : []))
const faultsOf = (events: ScaleEvent[]) =>
  events.flatMap((event) => (event.kind === 'fault' ? [event.fault] : []))
const empty = (s = 5, g = 50): Part => ({ g, s })

describe('bird scale', () => {
  it.each([1, 5, 10, 20, 40, 80])('weighs one bird at %d samples a second', (hz) => {
    const events = play([empty(10), { g: 50 + BIRD, s: 8 }, empty(10)], { hz })
    expect(weightsOf(events)).toHaveLength(1)
    expect(weightsOf(events)[0]).toBeCloseTo(BIRD, -1)
    expect(reasonsOf(events)).toEqual([])
  })

  it.each([18, 44, 200, 1000, 4500])('follows an expected weight of %d g', (grams) => {
    const zero = grams / 30
    const events = play([empty(10, zero), { g: zero + 1.1 * grams, s: 6 }, empty(10, zero)], {
      expectedG: grams,
    })
    expect(weightsOf(events)).toHaveLength(1)
    expect((weightsOf(events)[0] as number) / grams).toBeCloseTo(1.1, 2)
  })

  it('tells birds apart that come one after the other and go together', () => {
    const events = play([empty(), { g: 50 + 1500, s: 6 }, { g: 50 + 1500 + 1700, s: 6 }, empty()])
    expect(weightsOf(events).map((grams) => Math.round(grams / 10))).toEqual([150, 170])
  })

  it('weighs two that land at once when the first of them goes', () => {
    const events = play([empty(), { g: 50 + 3300, s: 6 }, { g: 50 + 1700, s: 6 }, empty()])
    expect(reasonsOf(events)).toEqual(['several'])
    expect(weightsOf(events).map((grams) => Math.round(grams / 10))).toEqual([160, 170])
  })

  it('says the same bird once when it hops off and on', () => {
    const events = play([empty(), { g: 50 + BIRD, s: 6 }, empty(4), { g: 52 + BIRD, s: 6 }, empty()])
    expect(weightsOf(events)).toHaveLength(1)
    expect(reasonsOf(events)).toEqual(['repeat'])
  })

  it('says a bird that sleeps on it once, after five minutes, and not again when it goes', () => {
    const asleep = createBirdScale({ stepMs: 100 })
    expect(weightsOf(playOn(asleep, [empty(), { g: 50 + BIRD, s: 400 }]))).toHaveLength(1)
    expect(weightsOf(playOn(asleep, [{ g: 50 + BIRD, s: 3000 }, empty()], { t0: T0 + 405_000 }))).toEqual([])
  })

  it('takes wings for what they are: the level between the beats', () => {
    const events = play([
      empty(),
      { g: 50 + BIRD, s: 3 },
      { g: 50 + BIRD, s: 1, spread: 400 },
      { g: 50 + BIRD, s: 3 },
      empty(),
    ])
    expect(weightsOf(events)).toHaveLength(1)
    expect(weightsOf(events)[0]).toBeCloseTo(BIRD, -1)
  })

  it('names one that never stood still', () => {
    const events = play([empty(), { g: 50 + BIRD, s: 3, spread: 900 }, empty()])
    expect(weightsOf(events)).toEqual([])
    expect(reasonsOf(events)).toContain('unsteady')
  })

  it('weighs against the zero when a bird leaned on the plate before it stepped on', () => {
    const events = play([
      empty(10),
      { g: 50 + 0.2 * BIRD, s: 4, spread: 20 },
      { g: 50 + BIRD, s: 8 },
      empty(10),
    ])
    expect(weightsOf(events)).toHaveLength(1)
    expect(weightsOf(events)[0]).toBeCloseTo(BIRD, -1)
    const [weight] = events.filter((event) => event.kind === 'weight')
    const [plain] = play([empty(10), { g: 50 + BIRD, s: 8 }, empty(10)]).filter(
      ({ kind }) => kind === 'weight',
    )
    expect(weight?.confidence).toBeLessThan((plain as { confidence: number }).confidence)
  })

  it('follows litter that gathers, up to several birds heavy, and does not take it for a bird', () => {
    const scale = createBirdScale({ stepMs: 100 })
    const parts: Part[] = []
    // 2 g a visit, a visit every 20 s: ten times what is found in a house.
    for (let visit = 0; visit < 300; visit++) {
      parts.push({ g: 50 + 2 * visit, s: 12 }, { g: 50 + 2 * visit + BIRD + 40 * (visit % 5), s: 8 })
    }
    const events = playOn(scale, parts)
    expect(weightsOf(events).length).toBeGreaterThan(290)
    for (const grams of weightsOf(events)) expect(Math.abs(grams - BIRD - 80)).toBeLessThan(95)
    expect(scale.zeroG()).toBeGreaterThan(600)
  })

  it('finds the new zero of a scale that was knocked up, and says so', () => {
    const events = play([empty(30), { g: 300, s: 700 }, { g: 300 + BIRD, s: 6 }, empty(10, 300)])
    expect(faultsOf(events)).toEqual(['zero-moved'])
    expect(weightsOf(events)[0]).toBeCloseTo(BIRD, -1)
  })

  it('finds the new zero of a scale that was knocked down within seconds', () => {
    const events = play([empty(30), { g: -400, s: 10 }, { g: -400 + BIRD, s: 6 }, empty(10, -400)])
    expect(faultsOf(events)).toEqual(['zero-moved'])
    expect(weightsOf(events)[0]).toBeCloseTo(BIRD, -1)
  })

  it('weighs birds as they leave a hanging perch', () => {
    const parts = [empty(), { g: 50 + 4800, s: 6 }, { g: 50 + 3200, s: 6 }, { g: 50 + 1500, s: 6 }, empty()]
    const events = play(parts, { type: 'hanging' })
    expect(weightsOf(events).map((grams) => Math.round(grams / 10))).toEqual([160, 170, 150])
    expect(events.filter((event) => event.kind === 'weight').every(({ way }) => way === 'off')).toBe(true)
  })

  it('trusts a long, still stand more than a short one', () => {
    const confidence = (s: number) => {
      const [weight] = play([empty(), { g: 50 + BIRD, s }, empty()]).filter(
        (event) => event.kind === 'weight',
      )
      return weight?.confidence ?? 0
    }
    expect(confidence(20)).toBeGreaterThan(confidence(3))
    expect(confidence(20)).toBeLessThanOrEqual(1)
  })
})

describe('bad input', () => {
  const visit: Part[] = [empty(), { g: 50 + BIRD, s: 6 }, empty()]
  const bird = Math.round(weightsOf(play(visit))[0] as number)

  it.each([
    ['NaN', Number.NaN, 'not-a-number'],
    ['a saturated converter', 0x7fffff, 'saturated'],
    ['a saturated converter, the other end', -0x800000, 'saturated'],
    ['a person on the scale', 80_000, 'overloaded'],
  ] as const)('names %s once and weighs the next bird as before', (_, value, fault) => {
    const scale = createBirdScale({ stepMs: 100 })
    const first = playOn(scale, visit)
    const broken = playOn(scale, [{ g: value, s: 30, spread: 0 }], { t0: T0 + 16_000 })
    const after = playOn(scale, visit, { t0: T0 + 46_000 })
    expect(faultsOf([...first, ...broken]), 'named').toEqual([fault])
    expect(weightsOf([...first, ...broken])).toHaveLength(1)
    expect(weightsOf(after).map(Math.round)).toEqual([bird])
  })

  it('loses no bird to a single missing value', () => {
    const scale = createBirdScale({ stepMs: 100 })
    const events = [
      ...playOn(scale, [empty(), { g: 50 + BIRD, s: 3 }]),
      ...playOn(scale, [{ g: Number.NaN, s: 0.1 }], { t0: T0 + 8_000 }),
      ...playOn(scale, [{ g: 50 + BIRD, s: 3 }, empty()], { t0: T0 + 8_100 }),
    ]
    expect(weightsOf(events)).toHaveLength(1)
  })

  it('names a reading that is frozen, and takes no bird from it', () => {
    const events = play([empty(), { g: 50 + BIRD, s: 1200, spread: 0 }])
    expect(faultsOf(events)).toEqual(['frozen'])
  })

  it('weighs chicks on a plate that nobody tared', () => {
    const visits = Array.from({ length: 20 }, (_, index): Part[] => [
      { g: 3000, s: 4, spread: 1 },
      { g: 3045 + (index % 5), s: 6, spread: 1 },
    ]).flat()
    const scale = createBirdScale({ stepMs: 100 })
    const events = playOn(scale, visits, { expectedG: 45 })
    expect(faultsOf(events)).toEqual([])
    expect(weightsOf(events).length).toBeGreaterThan(15)
    for (const grams of weightsOf(events)) expect(Math.abs(grams - 47)).toBeLessThan(4)
  })

  it('weighs on beside what lies heavy on the plate for good', () => {
    const scale = createBirdScale({ stepMs: 100 })
    const parts = [empty(), { g: 60_050, s: 700 }, { g: 60_050 + BIRD, s: 6 }, empty(10, 60_050)]
    const events = playOn(scale, parts)
    expect(faultsOf(events)).toEqual(['overloaded'])
    expect(weightsOf(events)[0]).toBeCloseTo(BIRD, -1)
  })

  it('takes an indicator that shows its litter to the gram all night for no frozen one', () => {
    expect(faultsOf(play([{ g: 600, s: 4 * 3600, spread: 0 }]))).toEqual([])
    expect(faultsOf(play([{ g: 600, s: 13 * 3600, spread: 0 }]))).toEqual(['frozen'])
  })

  it('takes samples that come twice, or a little late, for no step of the clock', () => {
    const scale = createBirdScale({ stepMs: 100 })
    const events: ScaleEvent[] = []
    for (const [second, part] of visit.entries()) {
      const t0 = T0 + second * 10_000
      events.push(...playOn(scale, [part], { t0 }))
      events.push(...playOn(scale, [{ ...part, s: 1 }], { t0: t0 + part.s * 1000 - 1000 }))
    }
    expect(faultsOf(events)).toEqual([])
    expect(weightsOf(events).map(Math.round)).toHaveLength(1)
  })

  it('names missing hours with their length, and does not join what lies before and after', () => {
    const scale = createBirdScale({ stepMs: 100 })
    playOn(scale, [empty()])
    const events = playOn(scale, [{ g: 50 + BIRD, s: 6 }, empty()], { t0: T0 + 3 * 3_600_000 })
    expect(events.find(({ kind }) => kind === 'fault')).toMatchObject({
      fault: 'silent',
      ms: 3 * 3_600_000 - 4_900,
    })
    for (const grams of weightsOf(events)) expect(grams).toBeCloseTo(BIRD, -2)
  })

  it('names a clock that steps back, and goes on', () => {
    const scale = createBirdScale({ stepMs: 100 })
    playOn(scale, visit)
    const events = playOn(scale, [empty(), ...visit], { t0: T0 - 3_600_000 })
    expect(faultsOf(events)).toEqual(['clock-back'])
    expect(weightsOf(events)).toHaveLength(1)
    expect(weightsOf(events)[0]).toBeCloseTo(bird, -1)
  })

  const visitsOf = (grams: number, visits: number): Part[] =>
    Array.from({ length: visits }, (_, index) => [
      { g: 50, s: 4 },
      { g: 50 + grams * (1 + 0.02 * (index % 7)), s: 6 },
    ]).flat()

  it('names an indicator that was switched from kg to lb, and takes nothing from it', () => {
    const scale = createBirdScale({ stepMs: 100 })
    const before = playOn(scale, visitsOf(BIRD, 30))
    const after = playOn(
      scale,
      visitsOf(BIRD, 40).map((part) => ({ ...part, g: part.g * 2.20462 })),
      { t0: T0 + 300_000 },
    )
    expect(weightsOf(before).length).toBeGreaterThan(25)
    expect(faultsOf(after).filter((fault) => fault !== 'zero-moved')).toEqual(['pounds'])
    for (const grams of weightsOf(after)) expect(Math.abs(grams / BIRD - 1.06)).toBeLessThan(0.1)
  })

  it('names birds that are not what is due: a wrong placement date or breed', () => {
    const events = play(visitsOf(0.55 * BIRD, 40))
    expect(weightsOf(events)).toEqual([])
    expect(faultsOf(events)).toEqual(['off-target'])
  })

  it('keeps the mean through a zero that runs away below', () => {
    const scale = createBirdScale({ stepMs: 100 })
    const parts: Part[] = []
    for (let round = 0; round < 40; round++) {
      parts.push({ g: -50 * round, s: 10 }, { g: -50 * round + BIRD + 40 * (round % 5), s: 6 })
    }
    const weights = weightsOf(playOn(scale, parts))
    expect(weights.length).toBeGreaterThan(35)
    for (const grams of weights) expect(Math.abs(grams - BIRD - 80)).toBeLessThan(130)
  })
})
