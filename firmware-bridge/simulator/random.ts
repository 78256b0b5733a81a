/**
 * Seeded chance. Every part of a house draws from a stream of its own, named by what it is for, so that one
 * part that draws more often (a scale that is sampled) does not change what another part does.
 */
export type Random = {
  /** 0 ≤ x < 1. */
  uniform(): number
  between(low: number, high: number): number
  chance(probability: number): boolean
  /** Standard normal. */
  normal(): number
  /** How often something happened that is expected `mean` times. */
  poisson(mean: number): number
  /** Exponential with this mean: how long until something that may happen at any moment. */
  wait(mean: number): number
}

/** The stream called `name` of a seed. The same two give the same numbers on every machine. */
export function createRandom(seed: number, name: string): Random {
  let state = hash(`${seed}/${name}`)
  let spare: number | undefined

  // A Weyl sequence through a 32-bit finalizer (splitmix32): passes what a simulation needs, costs nothing.
  const uniform = () => {
    state = (state + 0x9e3779b9) | 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32
  }

  // Box and Muller's pair: one now, one for the next call.
  const normal = () => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  return {
    uniform,
    normal,
    between: (low, high) => low + (high - low) * uniform(),
    chance: (probability) => uniform() < probability,
    wait: (mean) => -mean * Math.log(1 - uniform()),
    poisson(mean) {
      if (mean <= 0) return 0
      if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
      const limit = Math.exp(-mean)
      let product = uniform()
      let count = 0
      while (product > limit) {
        product *= uniform()
        count++
      }
      return count
    },
  }
}

/** FNV-1a over the text's code units. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value | 0
}
