import { describe, expect, it } from 'vitest'
import type { Reading } from '#domain/reading.ts'
import { DAY, HOUR, localDay } from '#domain/time.ts'
import { createCounters } from '../counters.ts'
import { createFlocks } from '../flocks.ts'
import { createSeriesTable } from '../series-table.ts'
import { createWeighing, WEIGH_MODEL } from './weighing.ts'

/** A repeatable noise between −1 and 1. */
function noise(seed: number) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

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
  const play = (weighing: ReturnType<typeof open>['weighing'], visits: number, from = T0, seed = 3) => {
    const random = noise(seed)
    const found: Reading[] = []
    const rejected: string[] = []
    let t = from
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

  it('says single birds, and from 50 on their mean with its interval', () => {
    const { weighing, counters } = open(true)
    const { found } = play(weighing, 150)
    const single = found.filter(({ series }) => series.metric === 'bird.weight')
    const means = found.filter(({ series }) => series.metric === 'bird.weight.mean')
    const { 'weigh.accepted': accepted = 0, 'weigh.repeat': repeats = 0 } = counters.values()
    expect(single).toHaveLength(accepted)
    // The last bird is on the scale still; two in a row that weigh the same are taken for one.
    expect(accepted + repeats).toBeGreaterThanOrEqual(149)
    expect(repeats).toBeLessThan(20)
    expect(single[0]?.series).toMatchObject({ device: 'scale-1', source: 'model', by: WEIGH_MODEL })
    expect(means[0]?.detail?.n).toBeGreaterThanOrEqual(50)
    expect(found.some(({ series }) => series.metric === 'bird.weight.uniformity')).toBe(true)
    const last = means.at(-1)
    expect(last?.value).toBeGreaterThan(1616 * 0.98)
    expect(last?.value).toBeLessThan(1616 * 1.02)
    expect(last?.detail?.low).toBeLessThan(last?.value as number)
    expect(localDay(last?.t ?? 0, 'Asia/Shanghai')).toBe('2026-06-29')
  })

  it.each([
    ['back by most of a day', -20 * HOUR],
    ['back over a week', -7 * DAY],
    ['forward over a day', 30 * HOUR],
  ])('has all birds in the true day when the clock is corrected %s', (_, byMs) => {
    const { weighing, counters } = open(true)
    const before = 75
    play(weighing, before, T0 - byMs)
    const toT = T0 - byMs + before * 6_000
    weighing.step({ byMs, wrong: { fromT: T0 - byMs, toT } })
    const { found } = play(weighing, 150, toT + byMs, 4)
    const faults = Object.keys(counters.values()).filter((name) => name.startsWith('weigh.fault'))
    expect(faults).toEqual([])
    const last = found.findLast(({ series }) => series.metric === 'bird.weight.mean')
    expect(localDay(last?.t ?? 0, 'Asia/Shanghai')).toBe('2026-06-29')
    const { 'weigh.accepted': accepted = 0 } = counters.values()
    expect(accepted).toBeGreaterThan(190)
    // The mean is said every ten minutes: of a hundred birds after the correction, and of those before it.
    expect(last?.detail?.n).toBeGreaterThan(140)
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
