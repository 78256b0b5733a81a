import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { createThermalPicture, HEIGHT, type Scene, WIDTH } from './thermal-picture.ts'

const scene: Scene = { airC: 22, birdG: 1500, sick: 0, activity: 1 }
const picture = (changes: Partial<Scene> = {}, frames = 20) => {
  const thermal = createThermalPicture(createRandom(1, 'thermal'))
  const rendered = Array.from({ length: frames }, () => thermal.render(10_000, { ...scene, ...changes }))
  const all = rendered.flatMap((centiC) => [...centiC])
  const hottest = rendered.map((centiC) => Math.max(...centiC))
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length / 100
  return { rendered, meanC: mean(all), maxC: mean(hottest), minC: Math.min(...all) / 100 }
}

describe('the thermal picture', () => {
  it('shows birds as warm spots on cooler litter', () => {
    const { rendered, maxC, meanC, minC } = picture()
    expect(rendered[0]).toHaveLength(WIDTH * HEIGHT)
    expect(maxC).toBeGreaterThan(36)
    expect(maxC).toBeLessThan(40.5)
    expect(meanC).toBeGreaterThan(24)
    expect(meanC).toBeLessThan(33)
    expect(minC).toBeGreaterThan(21)
    expect(minC).toBeLessThan(25)
  })

  it('moves', () => {
    const { rendered } = picture()
    const moved = [...(rendered[0] ?? [])].filter(
      (value, at) => Math.abs(value - (rendered[10]?.[at] ?? 0)) > 100,
    )
    expect(moved.length).toBeGreaterThan(100)
  })

  it('is litter alone in an empty house', () => {
    const { maxC, minC } = picture({ birdG: 0 })
    expect(maxC - minC).toBeLessThan(2)
  })

  it('gets hotter with fever and with the air', () => {
    expect(picture({ sick: 0.5 }).maxC).toBeGreaterThan(picture().maxC + 1)
    expect(picture({ airC: 34 }).meanC).toBeGreaterThan(picture().meanC + 5)
  })

  it('huddles when sick: the warmth gathers', () => {
    const spread = ({ rendered }: ReturnType<typeof picture>) => {
      const warm = [...(rendered.at(-1) ?? [])].flatMap((value, at) => (value > 2700 ? [at % WIDTH] : []))
      const mean = warm.reduce((sum, x) => sum + x, 0) / warm.length
      return Math.sqrt(warm.reduce((sum, x) => sum + (x - mean) ** 2, 0) / warm.length)
    }
    expect(spread(picture({ sick: 1 }))).toBeLessThan(0.7 * spread(picture()))
  })
})
