import { describe, expect, it } from 'vitest'
import { forSurface } from './emissivity.ts'

const black = { emissivity: 1, reflectedC: 0 }

describe('temperatures for another emissivity', () => {
  it('stay where nothing is different', () => {
    const feathers = { emissivity: 0.95, reflectedC: 22 }
    for (const celsius of [-20, 0, 25, 41])
      expect(forSurface(celsius, feathers, feathers)).toBeCloseTo(celsius, 9)
  })

  it('follow T⁴ = (Tm⁴ − (1 − ε)·Tr⁴) / ε from a camera that takes all for black', () => {
    const expected = ((313.15 ** 4 - 0.05 * 295.15 ** 4) / 0.95) ** 0.25 - 273.15
    expect(forSurface(40, black, { emissivity: 0.95, reflectedC: 22 })).toBeCloseTo(expected, 9)
    expect(expected).toBeCloseTo(40.87, 2)
  })

  it('come back, there and back again', () => {
    const feathers = { emissivity: 0.93, reflectedC: 18 }
    expect(forSurface(forSurface(38.5, black, feathers), feathers, black)).toBeCloseTo(38.5, 9)
  })

  it('do not change what is as warm as the house', () => {
    expect(forSurface(22, black, { emissivity: 0.8, reflectedC: 22 })).toBeCloseTo(22, 9)
  })

  it('are a number, whatever is asked', () => {
    expect(forSurface(-40, black, { emissivity: 0.5, reflectedC: 85 })).toBe(-273.15)
  })
})
