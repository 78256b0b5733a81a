import { describe, expect, it } from 'vitest'
import type { Reading } from '#domain/reading.ts'
import { DAY, HOUR, localDay } from '#domain/time.ts'
import { verdictName, WEIGH_MODEL } from '#domain/weighing/verdicts.ts'
import { createCounters } from '../counters.ts'
import { createFlocks } from '../flocks.ts'
import { createSeriesTable } from '../series-table.ts'
import { createWeighing } from './weighing.ts'

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
  const play = (
    weighing: ReturnType<typeof open>['weighing'],
    visits: number,
    { shown = (grams: number) => grams, from = T0, seed = 3, stepMs = (_block: number): number => 100 } = {},
  ) => {
    const random = noise(seed)
    const found: Reading[] = []
    const rejected: string[] = []
    let t = from
    for (let visit = 0; visit < visits; visit++) {
      const bird = 1616 * (1 + 0.08 * random())
      for (const load of [80, 80, 80, 80 + bird, 80 + bird, 80 + bird]) {
        const grams = Array.from({ length: 10 }, () => shown(Math.round(load + 4 * random())))
        const payload = Buffer.from(JSON.stringify({ t, stepMs: stepMs(t / 1000), grams }))
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
    ['wavers, as the bridge measures it', (block: number) => 100 + 0.3 * Math.sin(block)],
    ['is off in single blocks', (block: number) => (block % 5 === 0 ? 1 : 100)],
    ['was read wrong in the first blocks', (block: number) => (block < T0 / 1000 + 3 ? 1 : 100)],
  ])('weighs by a pace that %s', (_, stepMs) => {
    const { weighing, counters } = open(true)
    play(weighing, 80, { stepMs })
    const { 'weigh.accepted': accepted = 0, 'weigh.repeat': repeats = 0 } = counters.values()
    expect(accepted + repeats).toBeGreaterThan(70)
  })

  it('follows a scale that was set to another pace', () => {
    const { weighing, counters } = open(true)
    play(weighing, 60)
    const before = counters.values()['weigh.accepted'] ?? 0
    play(weighing, 60, { from: T0 + 400_000, stepMs: () => 50, seed: 5 })
    expect((counters.values()['weigh.accepted'] ?? 0) - before).toBeGreaterThan(40)
  })

  it('says what it refused, a series for each reason', () => {
    const { weighing, counters } = open(true)
    const block = (second: number, load: number) =>
      weighing.take(
        'h1',
        'scale-1',
        Buffer.from(JSON.stringify({ t: T0 + second * 1000, stepMs: 100, grams: new Array(10).fill(load) })),
        T0 + second * 1000,
        () => {},
      )
    const found: Reading[] = []
    for (let second = 0; second < 60; second++)
      found.push(...block(second, second % 10 < 5 ? 80 : 80 + (second % 20 < 10 ? 3300 : 600)))
    const refused = found.filter(({ series }) => series.metric === 'bird.weight.refused')
    expect(new Set(refused.map(({ series }) => series.by))).toEqual(
      new Set([verdictName('several'), verdictName('too-light')]),
    )
    expect(refused.every(({ value }) => value > 500)).toBe(true)
    expect(counters.values()['weigh.several']).toBeGreaterThan(0)
    expect(found.some(({ series }) => series.metric === 'bird.weight')).toBe(false)
  })

  it('says a fault of the scale, which bends no weight', () => {
    const { weighing } = open(true)
    const t = T0
    const payload = Buffer.from(JSON.stringify({ t, stepMs: 100, grams: [80, 80, 0x7fffff, 80] }))
    const [fault] = weighing.take('h1', 'scale-1', payload, t, () => {})
    expect(fault?.series).toMatchObject({ metric: 'scale.fault', by: verdictName('saturated') })
    expect(play(weighing, 30).found.filter(({ value }) => value > 3000)).toEqual([])
  })

  it('weighs by the calibration that a person made, and begins the day of the scale anew', () => {
    const { weighing } = open(true)
    const line = {
      house: 'h1',
      device: 'scale-1',
      emptyLoad: 84_000,
      gramsPerLoad: 5000 / 420_000,
      since: T0,
    }
    weighing.calibrate([line])
    const countsOf = (grams: number) => Math.round(84_000 + grams / line.gramsPerLoad)
    const { found } = play(weighing, 60, { shown: countsOf })
    const weights = found.filter(({ series }) => series.metric === 'bird.weight')
    expect(weights.length).toBeGreaterThan(45)
    for (const { value } of weights) expect(Math.abs(value / 1616 - 1)).toBeLessThan(0.12)
    const zero = found.find(({ series }) => series.metric === 'scale.zero')
    expect(Math.abs((zero?.value ?? 0) - 80)).toBeLessThan(10)
    weighing.calibrate([{ ...line, since: T0 + 400_000 }])
    const again = play(weighing, 60, { shown: countsOf, from: T0 + 400_000 }).found
    expect(again.find(({ series }) => series.metric === 'bird.weight.mean')?.detail?.n).toBeLessThan(60)
  })

  it('shows what a scale says now, before any calibration, and whether it stands still', () => {
    const { weighing } = open(false)
    const say = (second: number, loads: number[]) =>
      weighing.take(
        'h1',
        'scale-1',
        Buffer.from(JSON.stringify({ t: T0 + second * 1000, stepMs: 100, grams: loads })),
        T0 + second * 1000,
        () => {},
      )
    expect(weighing.loads(['h1'])).toEqual([])
    for (let second = 0; second < 4; second++) say(second, [5112, 5113, 5112])
    expect(weighing.loads(['h1'])).toMatchObject([
      { value: 5112, quality: 'good', series: { by: WEIGH_MODEL } },
    ])
    say(4, [5112, 5600, 5112])
    expect(weighing.loads(['h1'])).toMatchObject([{ quality: 'suspect' }])
    expect(weighing.loads(['h2'])).toEqual([])
  })

  it.each([
    ['back by most of a day', -20 * HOUR],
    ['back over a week', -7 * DAY],
    ['forward over a day', 30 * HOUR],
  ])('has all birds in the true day when the clock is corrected %s', (_, byMs) => {
    const { weighing, counters } = open(true)
    const before = 75
    play(weighing, before, { from: T0 - byMs })
    const toT = T0 - byMs + before * 6_000
    weighing.step({ byMs, wrong: { fromT: T0 - byMs, toT } })
    const { found } = play(weighing, 150, { from: toT + byMs, seed: 4 })
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
