import { describe, expect, it } from 'vitest'
import type { ChartSeries, FlockView } from '#domain/api/farm.ts'
import { chartData, consumption, summarise, weightTarget } from './chart-data.ts'

const series = (given: Partial<ChartSeries>): ChartSeries => {
  const mean = given.mean ?? [1, 2, 3]
  return {
    device: 'a',
    metric: 'air.temperature',
    by: '',
    bucketMs: 1000,
    t: [1000, 2000, 3000],
    mean,
    min: mean,
    max: mean,
    ...given,
  }
}

describe('lines on one time axis', () => {
  it('a hole becomes a gap, never a line across and never 0', () => {
    const { t, lines } = chartData([series({ bucketMs: 60_000, t: [60_000, 120_000, 540_000] })])
    expect(t).toEqual([60, 120, 180, 540])
    expect(lines[0]?.mean).toEqual([1, 2, null, 3])
  })

  it.each([
    ['values said once a minute in buckets of 15 s', 15_000, [0, 60_000, 120_000]],
    ['a weight twice an hour in buckets of 6 min', 360_000, [0, 1_800_000, 3_600_000]],
    ['a value that did not change for a heartbeat', 15_000, [0, 15_000, 75_000]],
  ])('%s are one line', (_, bucketMs, t) => {
    expect(chartData([series({ bucketMs, t })]).lines[0]?.mean).toEqual([1, 2, 3])
  })

  it('moments of another device are passed over', () => {
    const { t, lines } = chartData([series({}), series({ device: 'b', t: [1500, 2500, 3500] })])
    expect(t).toEqual([1, 1.5, 2, 2.5, 3, 3.5])
    expect(lines[0]?.mean).toEqual([1, undefined, 2, undefined, 3, undefined])
    expect(lines[1]?.mean).toEqual([undefined, 1, undefined, 2, undefined, 3])
  })

  it('a target stands beside them', () => {
    const { lines } = chartData(
      [series({})],
      [
        { t: 1000, value: 7 },
        { t: 3000, value: 8 },
      ],
    )
    expect(lines[1]).toEqual({ name: '', mean: [7, undefined, 8], isTarget: true })
  })
})

describe('consumption of a meter', () => {
  it('is the difference of its readings', () => {
    expect(consumption(series({ max: [100, 103, 110] }))).toMatchObject({ t: [2000, 3000], mean: [3, 7] })
  })

  it('says nothing about a step where the meter was set back, or across a hole', () => {
    expect(consumption(series({ max: [100, 3, 5] }))).toMatchObject({ t: [3000], mean: [2] })
    expect(consumption(series({ t: [1000, 9000, 10_000], max: [100, 150, 151] }))).toMatchObject({
      t: [10_000],
      mean: [1],
    })
  })
})

it('the summary of nothing is nothing', () => {
  expect(summarise([series({ t: [], mean: [], min: [], max: [] })])).toBeUndefined()
  expect(summarise([series({ min: [0, 1, 2], max: [5, 6, 7] })])).toEqual({
    low: 0,
    high: 7,
    mean: 2,
    total: 6,
  })
})

describe('the weight that the breed should have', () => {
  const flock: FlockView = {
    id: '00000000-0000-4000-8000-000000000001',
    house: 'h',
    breed: 'ross-308-2022',
    sex: 'as-hatched',
    placedOn: '2026-05-01',
    placed: 20_000,
    ageDays: 20,
    balance: { placed: 20_000, died: 0, culled: 0, moved: 0, sold: 0, present: 20_000, feedKg: 0 },
    targetWeightG: 900,
    targetTemperatureC: 25,
  }
  const placedAt = Date.parse('2026-04-30T16:00:00Z')
  const day = 86_400_000

  it('begins with the chick at local midnight of the placement day and rises', () => {
    const target = weightTarget(flock, 'Asia/Shanghai', placedAt - 5 * day, placedAt + 21 * day)
    expect(target[0]?.t).toBeGreaterThanOrEqual(placedAt)
    const values = target.map(({ value }) => value)
    expect(values).toEqual([...values].sort((a, b) => a - b))
    expect(values.at(-1)).toBeGreaterThan(900)
  })

  it('does not exist for a breed without a table', () => {
    expect(weightTarget({ ...flock, breed: 'custom' }, 'Asia/Shanghai', placedAt, placedAt + day)).toEqual([])
  })
})
