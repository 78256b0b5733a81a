import { describe, expect, it } from 'vitest'
import type { Reading } from '#domain/reading.ts'
import { localDay } from '#domain/time.ts'
import { createCounters } from '../counters.ts'
import { createFlocks } from '../flocks.ts'
import { createSeriesTable } from '../series-table.ts'
import { createDayWeights } from './day-weights.ts'
import { judgeWeight, stepShapeFor } from './judge-weight.ts'
import { createStepDetector } from './step-detector.ts'
import { createWeighing, WEIGH_MODEL } from './weighing.ts'

/** A repeatable noise between −1 and 1. */
function noise(seed: number) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

describe('step detector', () => {
  const shape = stepShapeFor(1000)
  const stepsOf = (load: number[]) => {
    const detector = createStepDetector(10)
    return load.map((grams) => detector.take(grams, shape)).filter((step) => step !== undefined)
  }
  const hold = (grams: number, samples: number, spread = 3, seed = 1) => {
    const random = noise(seed)
    return Array.from({ length: samples }, () => grams + spread * random())
  }

  it('gives a bird once when it comes and once when it goes', () => {
    const steps = stepsOf([...hold(50, 30), ...hold(1050, 60), ...hold(50, 30)])
    expect(steps.map(Math.round)).toHaveLength(2)
    expect(steps[0]).toBeCloseTo(1000, -1)
    expect(steps[1]).toBeCloseTo(-1000, -1)
  })

  it('is not misled by single spikes, flapping or litter that gathers', () => {
    const spikes = hold(50, 200).map((grams, index) => (index % 20 === 7 ? 5000 : grams))
    const flapping = hold(1050, 40, 200)
    const litter = Array.from({ length: 400 }, (_, index) => 50 + index)
    expect(stepsOf(spikes)).toEqual([])
    expect(stepsOf([...hold(50, 30), ...flapping])).toEqual([])
    expect(stepsOf(litter)).toEqual([])
  })
})

describe('judge of a weight', () => {
  it.each([
    [1000, 30, 'accepted'],
    [710, 30, 'accepted'],
    [690, 30, 'too-light'],
    [1310, 30, 'too-heavy'],
    [1990, 30, 'several'],
    [650, 3, 'accepted'],
  ] as const)('%d g where 1000 g are due at %d days is %s', (stepG, age, verdict) => {
    expect(judgeWeight(stepG, 1000, age)).toBe(verdict)
  })
})

describe('weights of a day', () => {
  it('give no mean below 30 birds', () => {
    const day = createDayWeights()
    for (let bird = 0; bird < 29; bird++) day.add(1000)
    expect(day.mean()).toBeUndefined()
    day.add(1000)
    expect(day.mean()).toEqual({ n: 30, mean: 1000, low: 1000, high: 1000 })
  })

  it('hold the true mean in 95 of 100 intervals', () => {
    const random = noise(7)
    // The sum of twelve uniforms is close to normal, with variance 4.
    const normal = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, 0) / 2
    let holds = 0
    for (let round = 0; round < 1000; round++) {
      const day = createDayWeights()
      for (let bird = 0; bird < 40; bird++) day.add(1000 + 100 * normal())
      const { low, high } = day.mean() ?? { low: 0, high: 0 }
      if (low <= 1000 && 1000 <= high) holds++
    }
    expect(holds).toBeGreaterThan(930)
    expect(holds).toBeLessThan(970)
  })
})

describe('weighing', () => {
  const T0 = Date.UTC(2026, 5, 29, 2)
  const houses = [{ id: 'h1', name: 'One', timeZone: 'Asia/Shanghai' }]
  const open = (placed: boolean) => {
    const counters = createCounters(
      () => {},
      () => 0,
    )
    const flocks = createFlocks(houses)
    if (placed) {
      // 28 days before: Ross 308 should weigh 1616 g.
      flocks.replace([
        { house: 'h1', breed: 'ross-308-2022', sex: 'as-hatched', placedOn: '2026-06-01', birds: 20_000 },
      ])
    }
    const weighing = createWeighing({
      houses,
      flocks,
      counters,
      table: createSeriesTable(),
      modelValuesSince: () => [],
    })
    return { weighing, counters }
  }
  /** `visits` birds of 1616 g ± 8 %, in blocks of one second at 10 Hz, each on for 3 s and off for 3 s. */
  const play = (weighing: ReturnType<typeof open>['weighing'], visits: number) => {
    const random = noise(3)
    const found: Reading[] = []
    const rejected: string[] = []
    let t = T0
    for (let visit = 0; visit < visits; visit++) {
      const bird = 1616 * (1 + 0.08 * random())
      for (const load of [80, 80, 80, 80 + bird, 80 + bird, 80 + bird]) {
        const grams = Array.from({ length: 10 }, () => Math.round(load + 4 * random()))
        const payload = Buffer.from(JSON.stringify({ t, stepMs: 100, grams }))
        found.push(...weighing.take('h1', 'scale-1', payload, t, (reason) => rejected.push(reason)))
        t += 1000
      }
    }
    return { found, rejected }
  }

  it('says single birds, and from 30 on their mean with its interval', () => {
    const { weighing, counters } = open(true)
    const { found } = play(weighing, 60)
    const single = found.filter(({ series }) => series.metric === 'bird.weight')
    const means = found.filter(({ series }) => series.metric === 'bird.weight.mean')
    expect(single).toHaveLength(60)
    expect(counters.values()['weigh.accepted']).toBe(60)
    expect(single[0]?.series).toMatchObject({ device: 'scale-1', source: 'model', by: WEIGH_MODEL })
    expect(means[0]?.detail?.n).toBe(30)
    const last = means.at(-1)
    expect(last?.value).toBeGreaterThan(1616 * 0.98)
    expect(last?.value).toBeLessThan(1616 * 1.02)
    expect(last?.detail?.low).toBeLessThan(last?.value as number)
    expect(localDay(last?.t ?? 0, 'Asia/Shanghai')).toBe('2026-06-29')
  })

  it('says nothing without a flock, and counts it', () => {
    const { weighing, counters } = open(false)
    expect(play(weighing, 2).found).toEqual([])
    expect(counters.values()['weigh.no-target']).toBeGreaterThan(0)
  })

  it.each([
    ['{', 'rejected.not-json'],
    ['{"t":1}', 'rejected.not-valid'],
    [JSON.stringify({ t: T0, stepMs: 100, grams: [9e9] }), 'rejected.implausible'],
    [JSON.stringify({ t: T0 + 3_600_000, stepMs: 100, grams: [1] }), 'rejected.from-the-future'],
  ])('refuses %s as %s', (payload, reason) => {
    const reasons: string[] = []
    open(true).weighing.take('h1', 'scale-1', Buffer.from(payload), T0, (found) => reasons.push(found))
    expect(reasons).toEqual([reason])
  })
})
