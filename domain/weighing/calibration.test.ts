import { describe, expect, it } from 'vitest'
import { calibrate, calibrationDue, strayScale } from './calibration.ts'
import { createExpectedWeight } from './expected-weight.ts'
import { mergeHandWeighing } from './hand-weighing.ts'
import { splitSexes } from './sex-split.ts'

describe('calibration', () => {
  it('takes two points', () => {
    expect(calibrate(84_000, 504_000, 2000)).toEqual({
      ok: true,
      gramsPerLoad: 2000 / 420_000,
    })
  })

  it.each([
    [84_000, 0x7fffff, 2000, 'saturated'],
    [84_000, 84_020, 2000, 'no-difference'],
    [84_000, 504_000, 50, 'mass-too-small'],
    [Number.NaN, 504_000, 2000, 'not-a-number'],
  ] as const)('refuses %d, %d with %d g: %s', (empty, loaded, mass, mistake) => {
    expect(calibrate(empty, loaded, mass)).toEqual({ ok: false, mistake })
  })

  it.each([
    [5, 20, undefined],
    [31, 20, 'monthly'],
    [5, 260, 'zero-drifted'],
  ] as const)('after %d days and with a zero of %d g is due: %s', (days, zero, due) => {
    expect(calibrationDue(days, zero, 0)).toBe(due)
  })

  const scale = (name: string, meanG: number) => ({ scale: name, meanG, low: meanG - 20, high: meanG + 20 })
  it('finds the scale that drifts by the others', () => {
    const stray = strayScale([scale('a', 2000), scale('b', 2010), scale('c', 1860)])
    expect(stray?.scale).toBe('c')
    expect(stray?.share).toBeCloseTo(-0.072, 2)
    expect(strayScale([scale('a', 2000), scale('b', 2010), scale('c', 1985)])).toBeUndefined()
    expect(strayScale([scale('a', 2000), scale('c', 1860)])).toBeUndefined()
  })
})

describe('hand weighing', () => {
  const scale = { meanG: 2000, low: 1960, high: 2040 }
  it('joins by worth', () => {
    const many = mergeHandWeighing(scale, { birds: 400, meanG: 2030, sdG: 200 })
    const few = mergeHandWeighing(scale, { birds: 10, meanG: 2030, sdG: 200 })
    expect(many?.meanG).toBeGreaterThan(few?.meanG as number)
    expect(many?.handShare).toBeLessThan(1)
    expect((many?.high ?? 0) - (many?.low ?? 0)).toBeLessThan(80)
    expect(many?.disagree).toBe(false)
  })
  it('says when the two contradict each other', () => {
    expect(mergeHandWeighing(scale, { birds: 100, meanG: 2200, sdG: 200 })?.disagree).toBe(true)
  })
})

describe('split of the sexes', () => {
  let state = 1
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const normal = () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, -6)
  it('finds cocks and hens of a uniform flock', () => {
    const weights = Array.from(
      { length: 800 },
      (_, index) => (index % 2 ? 2441 : 2000) * (1 + 0.05 * normal()),
    )
    const split = splitSexes(weights)
    expect(Math.abs((split?.heavyG ?? 0) - 2441)).toBeLessThan(40)
    expect(Math.abs((split?.lightG ?? 0) - 2000)).toBeLessThan(40)
  })
  it('says nothing of a flock that is one hump', () => {
    expect(splitSexes(Array.from({ length: 800 }, () => 2200 * (1 + 0.09 * normal())))).toBeUndefined()
    expect(splitSexes([2000, 2400])).toBeUndefined()
  })
})

it('the expected weight follows the flock, within a quarter of its breed', () => {
  const expected = createExpectedWeight((age) => 100 * age)
  expected.learn(10, 900)
  expect(expected.at(20)).toBeCloseTo(1800)
  expected.learn(10, 100)
  expect(expected.share()).toBe(0.75)
  expected.learn(10, Number.NaN)
  expect(expected.share()).toBe(0.75)
})
