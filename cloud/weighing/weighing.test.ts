import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { path, routes } from '#domain/api/routes.ts'
import type { CalibrationView, WeighingView } from '#domain/api/weighing.ts'
import type { MetricId } from '#domain/metrics.ts'
import type { Reading } from '#domain/reading.ts'
import type { Wants } from '#domain/sync.ts'
import { DAY, dayAfter, HOUR, MINUTE, SECOND, startOfLocalDay } from '#domain/time.ts'
import { flockCurveG } from '#domain/weighing/flock-curve.ts'
import { verdictName, WEIGH_MODEL } from '#domain/weighing/verdicts.ts'
import { openTestCloud, START, type TestCloud } from '../test/open-test-cloud.ts'
import { readingsBatch, type TestEdge } from '../test/test-edge.ts'
import type { TestPerson } from '../test/test-person.ts'

/** The clock stands at noon of 2026-06-01 in Shanghai; the flock is 28 days old. */
const TODAY = '2026-06-01'
const flock = {
  id: randomUUID(),
  house: 'h1',
  breed: 'ross-308-2022',
  sex: 'as-hatched' as const,
  placedOn: '2026-05-04',
  placed: 10_000,
}
let cloud: TestCloud
let owner: TestPerson
let edge: TestEdge
let number = 1
const at = { farm: 'north', house: 'h1' }
const ask = async (query = '') =>
  (await owner.get(`${path(routes.weighing, at)}${query}`)).body as WeighingView
const say = async (readings: Reading[]) => {
  for (let start = 0; start < readings.length; start += 2000) {
    const some = readings.slice(start, start + 2000)
    const answer = await edge.post(routes.edgeBatches, readingsBatch(number, some))
    expect(answer.status).toBe(200)
    number += some.length
  }
}
const reading = (device: string, metric: MetricId, t: number, value: number, by = WEIGH_MODEL): Reading => ({
  series: { house: 'h1', device, metric, source: by === '' ? 'sensor' : 'model', by },
  t,
  value: Math.round(value),
  quality: 'good',
})
/** Near enough to a normal spread, and the same each time. */
const spread = (index: number) => 2.4 * (((index * 0.618034) % 1) + ((index * 0.414214) % 1) - 1)
const midnight = startOfLocalDay(TODAY, 'Asia/Shanghai')
const birds = (device: string, dayStart: number, count: number, share = 1) =>
  Array.from({ length: count }, (_, index) => {
    const t = dayStart + 2 * HOUR + index * 60 * SECOND
    const due = flockCurveG(flock, 28 + (t - midnight) / DAY) as number
    return reading(device, 'bird.weight', t, share * due * (1 + 0.09 * spread(index)))
  })

beforeAll(async () => {
  cloud = await openTestCloud()
  owner = await cloud.owner()
  await cloud.farm(owner, 'north', ['h1'])
  edge = await cloud.edge(owner, 'north')
  const load = (device: string) => reading(device, 'scale.load', START - MINUTE, 84, '')
  const means = Array.from({ length: 12 }, (_, index) => {
    const t = midnight - index * DAY - 2 * HOUR
    return reading('scale-1', 'bird.weight.mean', t, 1.03 * (flockCurveG(flock, 27.5 - index) as number))
  })
  await say([load('scale-1'), ...means.reverse()])
})
afterAll(() => cloud.close())

describe('the weighing of a house', () => {
  it('has nothing to say of weights without a flock', async () => {
    expect(await ask()).toMatchObject({ day: TODAY, ageDays: null, house: null, breed: null, days: [] })
  })

  it('says how many birds are missing', async () => {
    await owner.post(path(routes.flocks, { farm: 'north' }), flock)
    await say(birds('scale-1', midnight, 20, 1.03))
    expect(await ask()).toMatchObject({ ageDays: 28, house: null, notEnough: { n: 20, needed: 50 } })
  })

  it('says mean, spread, gain, breed and the day of the market', async () => {
    await say(birds('scale-1', midnight + MINUTE / 2, 300, 1.03))
    const view = await ask('?marketG=2500')
    const due = flockCurveG(flock, 28.5) as number
    expect(view.house?.n).toBe(320)
    expect(Math.abs((view.house?.meanG ?? 0) / due - 1.03)).toBeLessThan(0.02)
    expect(view.house?.low).toBeLessThan(1.03 * due)
    expect(view.house?.high).toBeGreaterThan(1.03 * due)
    expect(view.house?.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(320)
    expect(view.breed?.deviationPercent).toBeGreaterThan(1)
    expect(view.gainG).toBeGreaterThan(50)
    expect(view.days).toHaveLength(13)
    expect(view.market?.ageDays).toBeGreaterThan(33)
    expect(view.market?.ageDays).toBeLessThan(38)
    expect(view.ahead).toHaveLength(14)
    expect(view.ahead[0]?.day).toBe(dayAfter(TODAY, 1))
    expect(view.performance).toBeNull()
  })

  it('counts feed, and birds that a person weighed, as what they are', async () => {
    const write = (change: object) =>
      owner.post(path(routes.entries, { farm: 'north', flock: flock.id }), {
        id: randomUUID(),
        day: TODAY,
        at: START,
        ...change,
      })
    expect((await write({ kind: 'feed', kg: 23_000 })).status).toBe(201)
    expect((await write({ kind: 'weighed', birds: 100, kg: 170 })).status).toBe(201)
    const { hand, performance, house } = await ask()
    expect(hand).toMatchObject({ birds: 100, meanG: 1700, merged: { disagree: false } })
    expect(hand?.merged?.meanG).toBeLessThan(house?.meanG as number)
    expect(performance?.feedConversion).toBeGreaterThan(1.2)
    expect(performance?.feedConversion).toBeLessThan(1.6)
    expect(performance?.epef).toBeGreaterThan(300)
  })

  it('says what was refused and what was wrong, and finds the scale that drifts', async () => {
    const load = (device: string) => reading(device, 'scale.load', START - 30_000, 84, '')
    await say([
      load('scale-2'),
      load('scale-3'),
      ...birds('scale-2', midnight, 300, 1.03),
      ...birds('scale-3', midnight, 300, 0.93),
      reading('scale-3', 'bird.weight.refused', midnight + HOUR, 3200, verdictName('several')),
      reading('scale-3', 'scale.fault', midnight + HOUR, 300, verdictName('zero-moved')),
    ])
    const { scales, house } = await ask()
    const third = scales.find(({ device }) => device === 'scale-3')
    expect(scales.map(({ device }) => device)).toEqual(['scale-1', 'scale-2', 'scale-3'])
    expect(third?.refused).toEqual([{ reason: 'several', t: [midnight + HOUR], grams: [3200] }])
    expect(third?.faults).toEqual([{ fault: 'zero-moved', t: [midnight + HOUR] }])
    expect(third?.strayPercent).toBeLessThan(-5)
    expect(house?.n).toBe(620)
  })

  it.each(['?day=2026-02-31', '?day=2026-06-02', '?marketG=3'])('refuses %s', async (query) => {
    expect((await owner.get(`${path(routes.weighing, at)}${query}`)).code).toBe('not-valid')
  })
})

describe('the calibration of a scale', () => {
  const made = {
    id: randomUUID(),
    device: 'scale-1',
    emptyLoad: 84_000,
    massLoad: 504_000,
    massG: 5000,
    at: START,
  }
  const post = (change: object = {}) => owner.post(path(routes.calibrations, at), { ...made, ...change })

  it.each([
    [{ device: 'scale-9' }, 'calibration-wrong'],
    [{ massLoad: 84_020 }, 'calibration-wrong'],
    [{ massLoad: 0x7fffff }, 'calibration-wrong'],
    [{ massG: 50 }, 'calibration-wrong'],
    [{ at: START + HOUR }, 'calibration-wrong'],
    [{ massG: 'five' }, 'not-valid'],
  ])('refuses %o: %s', async (change, code) => {
    expect((await post(change)).code).toBe(code)
  })

  it('is kept once, reaches the edge, and begins the day of the scale anew', async () => {
    expect((await post()).status).toBe(201)
    expect((await post()).status).toBe(200)
    expect((await post({ massG: 4000 })).code).toBe('already-there')
    const all = (await owner.get(path(routes.calibrations, at))).body as CalibrationView[]
    expect(all).toMatchObject([{ id: made.id, gramsPerLoad: 5000 / 420_000 }])
    const wants = (await edge.get(`${routes.edgeWants}?version=0&waitMs=0`)).body as Wants
    const line = { emptyLoad: 84_000, gramsPerLoad: 5000 / 420_000, since: START }
    expect(wants.scales).toEqual([{ house: 'h1', device: 'scale-1', ...line }])
    const scale = (await ask()).scales.find(({ device }) => device === 'scale-1')
    expect(scale?.notEnough?.n).toBe(0)
    expect(scale?.calibrationDue).toBeNull()
  })

  it('is due after a month, and when the empty plate shows too much', async () => {
    await say([reading('scale-1', 'scale.zero', START + MINUTE, 260)])
    const due = async (scale = 'scale-1') =>
      (await ask()).scales.find(({ device }) => device === scale)?.calibrationDue
    expect(await due()).toBe('zero-drifted')
    await say([reading('scale-1', 'scale.zero', START + 90 * SECOND, 20)])
    expect(await due()).toBeNull()
    expect(await due('scale-2')).toBe('never')
    await post({ id: randomUUID(), device: 'scale-2', at: START - 31 * DAY })
    expect(await due('scale-2')).toBe('monthly')
  })

  it('carries the days before over to a scale that was found to be off', async () => {
    const massLoad = 84 + 1.04 * 5000
    await post({ id: randomUUID(), emptyLoad: 84, massLoad, at: START + MINUTE })
    const yesterday = 1.03 * (flockCurveG(flock, 27.5) as number)
    const { days } = await ask()
    const found = days.find(({ day }) => day === dayAfter(TODAY, -1))
    expect(Math.abs((found?.meanG ?? 0) - yesterday / 1.04)).toBeLessThan(1)
  })

  it('gains by the scales that weighed on both days', async () => {
    // Scale 1 began anew, scale 2 has weighed since today: nobody knows what the flock gained.
    const { gainG, house } = await ask()
    expect(house).not.toBeNull()
    expect(gainG).toBeNull()
  })
})
