import { describe, expect, it } from 'vitest'
import { createXk3190Framer, encodeXk3190 } from '../../framers/xk3190.ts'
import { createRandom } from '../random.ts'
import { createLineNoise } from './line-noise.ts'

describe('line noise', () => {
  it('spoils some frames of a scale; the framer finds the others', () => {
    const disturb = createLineNoise(createRandom(1, 'noise'))
    const framer = createXk3190Framer()
    const frame = encodeXk3190({ digits: 1560, decimals: 3 })
    let bytes = 0
    const framed = Array.from({ length: 5000 }, () => {
      const said = disturb(frame)
      bytes += said.length
      return framer.push(said)
    }).flat()
    const good = framed.filter(({ kind }) => kind === 'frame').length
    expect(good).toBeGreaterThan(4000)
    expect(good).toBeLessThan(4990)
    expect(framed.some(({ kind }) => kind === 'discarded')).toBe(true)
    // Bytes go missing and come from nowhere.
    expect(Math.abs(bytes / (5000 * frame.length) - 1)).toBeLessThan(0.02)
    expect(bytes).not.toBe(5000 * frame.length)
  })
})
