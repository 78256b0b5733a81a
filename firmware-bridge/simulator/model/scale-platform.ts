import type { Random } from '../random.ts'
import { drawBirdG } from './birds.ts'

/**
 * A platform on the litter that birds hop on and off: mostly one, sometimes two or three. Landing knocks,
 * wings flap, litter gathers on the plate. Sampled every `SAMPLE_MS`.
 */
export type ScalePlatform = {
  /** The next sample, grams, tare and litter included. `activity` 0 asleep … 1 awake. */
  sample(meanG: number, activity: number): number
  /** True weights of the birds that stand on it now, g. */
  standing(): number[]
}

export const SAMPLE_MS = 100

type Visitor = { grams: number; samples: number; stay: number; flap: number }

const ROOM = 3
/** Mean waits at full activity, seconds. */
const EMPTY_S = 5
const NEXT_BIRD_S = 40
const STAY_S = 11
const SHORTEST_STAY_S = 2.5
const LONGEST_STAY_S = 900
const FLAP_EVERY_S = 25
const PER_SECOND = 1000 / SAMPLE_MS

const ELECTRONICS_G = 1.2
const STANDING_SHARE = 0.003
const FLAPPING_SHARE = 0.1
/** Relative load in the samples after a landing: the drop, the rebound, the knees. */
const LANDING = [0.45, 1.38, 0.82, 1.1, 0.96]
const LITTER_PER_VISIT_G = 0.8
const LITTER_LIMIT_G = 45

export function createScalePlatform(random: Random): ScalePlatform {
  const visitors: Visitor[] = []
  let litterG = 6
  let wait = random.wait(EMPTY_S) * PER_SECOND

  const arrive = (meanG: number, activity: number) => {
    const stayS = Math.min(LONGEST_STAY_S, SHORTEST_STAY_S + random.wait(STAY_S) / Math.max(0.03, activity))
    visitors.push({
      grams: drawBirdG(meanG, random),
      samples: 0,
      stay: Math.round(stayS * PER_SECOND),
      flap: random.chance(0.3) ? random.between(4, 12) : 0,
    })
    litterG += random.wait(LITTER_PER_VISIT_G)
    // Scratching feet throw it off again.
    if (litterG > LITTER_LIMIT_G) litterG *= random.between(0.2, 0.6)
  }

  const load = (visitor: Visitor) => {
    const { grams, samples, stay } = visitor
    visitor.samples++
    if (samples < LANDING.length) return grams * (LANDING[samples] ?? 1) * (1 + 0.06 * random.normal())
    // It pushes off with its last step.
    if (samples === stay - 1) return grams * random.between(1.05, 1.3)
    if (visitor.flap > 0) {
      visitor.flap--
      return grams * (1 + FLAPPING_SHARE * random.normal())
    }
    if (random.chance(1 / (FLAP_EVERY_S * PER_SECOND))) visitor.flap = random.between(4, 15)
    return grams * (1 + STANDING_SHARE * random.normal())
  }

  return {
    sample(meanG, activity) {
      if (meanG > 0 && activity > 0) wait -= activity
      if (wait <= 0) {
        if (meanG > 0 && visitors.length < ROOM) arrive(meanG, activity)
        wait = random.wait(visitors.length === 0 ? EMPTY_S : NEXT_BIRD_S) * PER_SECOND
      }
      let total = litterG + ELECTRONICS_G * random.normal()
      for (const visitor of visitors) total += load(visitor)
      for (let index = visitors.length - 1; index >= 0; index--) {
        const visitor = visitors[index]
        if (!visitor || visitor.samples < visitor.stay) continue
        visitors.splice(index, 1)
        if (visitors.length === 0) wait = random.wait(EMPTY_S) * PER_SECOND
      }
      return total
    },
    standing: () => visitors.map(({ grams }) => grams),
  }
}
