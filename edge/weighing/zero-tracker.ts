/**
 * How much the scale shows when no bird is on it. Litter gathers, droppings fall, the electronics drift, somebody
 * kicks it. Some rules, from slow to sudden:
 *
 * - a load near the zero is the zero: it is followed;
 * - a load below the zero is the new zero, for nothing weighs less than nothing (once it has lasted a little);
 * - a load between zero and a bird is a bird that leans, unless it lies as still as an empty plate for ten minutes,
 *   or the load falls back again and again and never lower.
 */
export type ZeroTracker = {
  /** g; undefined until the empty scale was seen. */
  level(): number | undefined
  /** Noise of the empty scale: standard deviation of one filtered value, g. */
  noiseG(): number
  /** A filtered load; `levelG` is its plateau, undefined while it moves. True when the zero jumped. */
  take(t: number, grams: number, levelG: number | undefined, expectedG: number): boolean
  isEmpty(levelG: number, expectedG: number): boolean
  /** A load that fell to this level when a bird went. True when that made it the zero. */
  fell(levelG: number, expectedG: number): boolean
  /** After a gap or a fault: the zero stands until a load contradicts it, but for one that is `gone`. */
  pause(gone: boolean): void
}

/** Shares of the expected weight. */
const NEAR = 0.06
const BIRD = 0.25
/** What lies dead is this many times as restless as the empty scale, at most. */
const STILL = 2
const FALLS = 4
const BELOW_MS = 3_000
const OBJECT_MS = 10 * 60_000
const NOISE_WEIGHT = 0.01
const ACTIVITY_WEIGHT = 0.1
const STILL_SHARE = 0.002
/** Litter and droppings, as a share of the expected weight. */
const LITTER_PER_MINUTE = 0.1

export function createZeroTracker(startG?: number): ZeroTracker {
  let zeroG = startG
  let noiseG = 0
  let lastG = Number.NaN
  let lastT = 0
  let activityG = 0
  let belowSince: number | undefined
  let objectSince: number | undefined
  let objectG = 0
  let objectNoiseG = 0
  let floorG = Number.POSITIVE_INFINITY
  let falls = 0

  const learnNoise = (grams: number, before: number, limitG: number) => {
    const change = Math.abs(grams - before)
    // A greater one is no noise but something that comes or goes.
    if (change < limitG) noiseG += NOISE_WEIGHT * (change - noiseG)
  }

  return {
    level: () => zeroG,
    noiseG: () => noiseG,
    isEmpty: (levelG, expectedG) => zeroG !== undefined && levelG - zeroG < NEAR * expectedG,
    take(t, grams, levelG, expectedG) {
      const before = lastG
      lastG = grams
      if (levelG === undefined) {
        belowSince = undefined
        return false
      }
      if (zeroG === undefined) {
        // Untared scales start with anything: it is the zero unless a bird stands there, and then it falls later.
        zeroG = levelG
        return true
      }
      const off = levelG - zeroG
      if (Math.abs(off) < NEAR * expectedG) {
        // Down at once; up as fast as litter gathers, and only while it lies still: a bird that leans does not.
        const restless = Math.abs(grams - before) || 0
        activityG += ACTIVITY_WEIGHT * (restless - activityG)
        const isStill = activityG < STILL * noiseG + STILL_SHARE * expectedG
        const elapsed = Math.min(1_000, Math.max(0, t - lastT))
        if (off < 0) zeroG = levelG
        else if (isStill) zeroG += Math.min(off, (LITTER_PER_MINUTE * expectedG * elapsed) / 60_000)
        if (off < STILL_SHARE * expectedG || isStill) learnNoise(grams, before, 0.5 * NEAR * expectedG)
        lastT = t
        belowSince = undefined
        objectSince = undefined
        return false
      }
      lastT = t
      if (off < 0) {
        objectSince = undefined
        belowSince ??= t
        if (t - belowSince < BELOW_MS) return false
        zeroG = levelG
        belowSince = undefined
        return true
      }
      belowSince = undefined
      const isObject = off < BIRD * expectedG && Math.abs(levelG - objectG) < 0.01 * expectedG
      if (!isObject || objectSince === undefined) {
        objectSince = t
        objectG = levelG
        objectNoiseG = 0
        return false
      }
      objectNoiseG = Math.max(objectNoiseG, Math.abs(grams - before) || 0)
      if (t - objectSince < OBJECT_MS || objectNoiseG > STILL * 4 * noiseG + 0.002 * expectedG) return false
      zeroG = levelG
      objectSince = undefined
      return true
    },
    fell(levelG, expectedG) {
      if (zeroG === undefined) return false
      if (Math.abs(levelG - zeroG) < NEAR * expectedG) {
        falls = 0
        floorG = Number.POSITIVE_INFINITY
        return false
      }
      floorG = Math.min(floorG, levelG)
      falls++
      if (falls < FALLS) return false
      zeroG = floorG
      falls = 0
      floorG = Number.POSITIVE_INFINITY
      return true
    },
    pause(gone) {
      if (gone) zeroG = undefined
      lastG = Number.NaN
      belowSince = undefined
      objectSince = undefined
    },
  }
}
