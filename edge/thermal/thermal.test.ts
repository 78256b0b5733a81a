import { describe, expect, it } from 'vitest'
import { decodeThermalFrame, encodeThermalFrame } from '#domain/frame.ts'
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
    const found = thermal.take('h1', 'cam', frame(T0, [2000, 2300, 2400, 2480]), T0, refuse)
    expect(found.map(({ series, value, quality }) => [series.metric, value, quality])).toEqual([
      ['thermal.min', 20, 'good'],
      ['thermal.mean', 22.95, 'good'],
      ['thermal.max', 24.8, 'good'],
    ])
    expect(thermal.take('h1', 'cam', frame(T0 + 9_999, [1, 2, 3, 4]), T0, refuse)).toEqual([])
    expect(thermal.take('h1', 'cam', frame(T0 + 10_000, [1, 2, 3, 4]), T0, refuse)).toHaveLength(3)
  })

  it('dates a picture by our clock, and forgets it when that was wrong', () => {
    const thermal = createThermal(createSeriesTable())
    const found = thermal.take('h1', 'cam', frame(0, [2000, 2300, 2400, 2480]), T0, refuse, () => T0)
    expect(found[0]?.t).toBe(T0)
    expect(decodeThermalFrame(thermal.latest(['h1'])[0]?.bytes ?? new Uint8Array())?.t).toBe(T0)
    thermal.step({ byMs: -1_000 })
    expect(thermal.latest(['h1'])).toHaveLength(1)
    thermal.step({ byMs: -1_000, wrong: { fromT: T0, toT: T0 } })
    expect(thermal.latest(['h1'])).toEqual([])
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
    ['too hot', frame(T0, [31_999, 32_000, 32_000, 32_000]), 'rejected.implausible'],
  ])('refuses a frame that is %s', (_, bytes, reason) => {
    const reasons: string[] = []
    expect(
      createThermal(createSeriesTable()).take('h1', 'cam', bytes, T0, (found) => reasons.push(found)),
    ).toEqual([])
    expect(reasons).toEqual([reason])
  })

  it('leaves out single pixels that no neighbour comes near to', () => {
    const thermal = createThermal(createSeriesTable())
    const centiC = new Int16Array(32 * 24).fill(2500)
    // A warm bird of four pixels, a pixel that is stuck hot, one that is stuck cold, one in a corner.
    for (const index of [70, 71, 102, 103]) centiC[index] = 4100
    centiC[400] = 9900
    centiC[500] = -2000
    centiC[767] = 8000
    const bytes = encodeThermalFrame({ width: 32, height: 24, t: T0, ambientCentiC: 2500, centiC })
    const found = thermal.take('h1', 'cam', bytes, T0, refuse)
    expect(found.map(({ value, quality }) => [value, quality])).toEqual([
      [25, 'good'],
      [expect.closeTo(25.08, 2), 'good'],
      [41, 'good'],
    ])
  })

  it('marks as suspect what no pixel has neighbours for', () => {
    const thermal = createThermal(createSeriesTable())
    const found = thermal.take('h1', 'cam', frame(T0, [0, 1000, 2000, 3000]), T0, refuse)
    expect(found.map(({ value, quality }) => [value, quality])).toEqual([
      [0, 'suspect'],
      [15, 'suspect'],
      [30, 'suspect'],
    ])
  })

  it('goes on when the clock was set back', () => {
    const thermal = createThermal(createSeriesTable())
    const later = T0 + 3_600_000
    thermal.take('h1', 'cam', frame(later, [1, 2, 3, 4]), later, refuse)
    expect(thermal.take('h1', 'cam', frame(T0, [1, 2, 3, 4]), T0, refuse)).toHaveLength(3)
    expect(thermal.latest(['h1']).map(({ t }) => t)).toEqual([T0])
  })

  it('takes 32 × 24 pixels in under 2 ms', () => {
    const thermal = createThermal(createSeriesTable())
    // Each pixel hotter than the one before: every one is looked at closely.
    const centiC = Int16Array.from({ length: 32 * 24 }, (_, index) => 2000 + index)
    const bytes = encodeThermalFrame({ width: 32, height: 24, t: T0, ambientCentiC: 2500, centiC })
    const times = Array.from({ length: 50 }, () => {
      const start = performance.now()
      thermal.take('h1', 'cam', bytes, T0, refuse)
      return performance.now() - start
    }).sort((a, b) => a - b)
    expect(times[25]).toBeLessThan(2)
  })
})
