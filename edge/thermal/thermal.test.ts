import { describe, expect, it } from 'vitest'
import { encodeThermalFrame } from '#domain/frame.ts'
import { createSeriesTable } from '../series-table.ts'
import { createThermal } from './thermal.ts'

const T0 = Date.UTC(2026, 5, 1)
const frame = (t: number, values: number[]) =>
  encodeThermalFrame({ width: 2, height: 2, t, ambientCentiC: 2500, centiC: Int16Array.from(values) })
const refuse = (reason: string) => {
  throw new Error(reason)
}

describe('thermal', () => {
  it('says coldest, mean and hottest pixel, at most every 10 s', () => {
    const thermal = createThermal(createSeriesTable())
    const found = thermal.take('h1', 'cam', frame(T0, [2000, 2400, 3000, 3980]), T0, refuse)
    expect(found.map(({ series, value }) => [series.metric, value])).toEqual([
      ['thermal.min', 20],
      ['thermal.mean', 28.45],
      ['thermal.max', 39.8],
    ])
    expect(thermal.take('h1', 'cam', frame(T0 + 9_999, [1, 2, 3, 4]), T0, refuse)).toEqual([])
    expect(thermal.take('h1', 'cam', frame(T0 + 10_000, [1, 2, 3, 4]), T0, refuse)).toHaveLength(3)
  })

  it('keeps the newest picture of each camera, also when an older one comes after it', () => {
    const thermal = createThermal(createSeriesTable())
    for (const t of [T0, T0 + 2, T0 + 1]) thermal.take('h1', 'cam', frame(t, [1, 2, 3, 4]), T0, refuse)
    thermal.take('h2', 'cam-2', frame(T0, [1, 2, 3, 4]), T0, refuse)
    expect(thermal.latest(['h1']).map(({ device, t }) => [device, t])).toEqual([['cam', T0 + 2]])
  })

  it.each([
    ['cut short', frame(T0, [1, 2, 3, 4]).subarray(0, 20), 'rejected.bad-frame'],
    ['from the future', frame(T0 + 3_600_000, [1, 2, 3, 4]), 'rejected.from-the-future'],
    ['too hot', frame(T0, [1, 2, 3, 32_000]), 'rejected.implausible'],
  ])('refuses a frame that is %s', (_, bytes, reason) => {
    const reasons: string[] = []
    expect(
      createThermal(createSeriesTable()).take('h1', 'cam', bytes, T0, (found) => reasons.push(found)),
    ).toEqual([])
    expect(reasons).toEqual([reason])
  })
})
