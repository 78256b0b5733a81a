import type { ScaleFault } from '#domain/weighing/verdicts.ts'

/**
 * Judges single samples before anything is computed from them. A fault is said once when it begins; until it ends
 * the samples are held back.
 */
export type SampleGuard = {
  /** `zeroG`: what the empty scale shows, undefined before it was seen. */
  take(t: number, grams: number, expectedG: number, zeroG: number | undefined): GuardFinding
}

/**
 * `use`: hand the sample on. `reset`: what was known about the load no longer holds; `zeroGone`: nor does the zero.
 */
export type GuardFinding = {
  use: boolean
  reset: boolean
  zeroGone?: boolean
  fault?: ScaleFault
  ms?: number
}

/** A 24-bit converter at its stops (HX711: 0x7FFFFF and 0x800000), unscaled. */
const ADC_STOPS = new Set([0x7fffff, -0x800000])
/** More than this many birds have no room on a platform: the converter is at its stop, or someone stands on it. */
const MAX_BIRDS = 15
const MIN_OVERLOAD_G = 1_000
/** What a plate and its frame weigh at most, where nobody tared them. */
const MAX_TARE_G = 150_000
/** What lies on the plate for so long stays there: birds are weighed on top of it. */
const STAYS_MS = 10 * 60_000
/** A load that lives never repeats to the last digit for this long. An empty indicator does, all night. */
const FROZEN_MS = 10 * 60_000
const FROZEN_FROM = 0.25
const FROZEN_EMPTY_MS = 12 * 3_600_000
/** After a break a bird may have come or gone unseen. */
const MIN_BREAK_MS = 5_000
const BREAK_SAMPLES = 8
const REPORTED_BREAK_MS = 60_000

const fine: GuardFinding = { use: true, reset: false }
const heldBack: GuardFinding = { use: false, reset: false }

export function createSampleGuard(stepMs: number): SampleGuard {
  const breakMs = Math.max(MIN_BREAK_MS, BREAK_SAMPLES * stepMs)
  let lastT: number | undefined
  let lastG = Number.NaN
  let sameSince = 0
  let open: ScaleFault | undefined
  let openSince = 0

  const fault = (name: ScaleFault, t: number): GuardFinding => {
    if (open === name) return heldBack
    open = name
    openSince = t
    return { use: false, reset: true, fault: name }
  }

  return {
    take(t, grams, expectedG, zeroG) {
      const gapMs = lastT === undefined ? 0 : t - lastT
      // A block that comes twice, or blocks that overlap a little: no step of a clock.
      if (gapMs < 0 && gapMs > -breakMs) return heldBack
      lastT = t
      if (gapMs < 0) {
        sameSince = t
        return { use: false, reset: true, fault: 'clock-back', ms: gapMs }
      }
      // One that is missing leaves the rest standing; many make a break.
      if (!Number.isFinite(grams)) {
        lastT = t - gapMs
        if (open === 'not-a-number') return heldBack
        open = 'not-a-number'
        return { use: false, reset: false, fault: open }
      }
      if (ADC_STOPS.has(grams)) return fault('saturated', t)
      const loadG = grams - (zeroG ?? 0)
      const mostG = zeroG === undefined ? MAX_TARE_G : Math.max(MIN_OVERLOAD_G, MAX_BIRDS * expectedG)
      if (Math.abs(loadG) > mostG) {
        const stays = open === 'overloaded' && t - openSince > STAYS_MS && Math.abs(grams) < MAX_TARE_G
        if (!stays) return fault('overloaded', t)
        open = undefined
        return { use: true, reset: true, zeroGone: true }
      }
      if (grams !== lastG) {
        lastG = grams
        sameSince = t
      }
      const frozenMs = Math.abs(loadG) > FROZEN_FROM * expectedG ? FROZEN_MS : FROZEN_EMPTY_MS
      if (t - sameSince > frozenMs) return fault('frozen', t)
      const recovered = open !== undefined && open !== 'not-a-number'
      open = undefined
      if (gapMs > breakMs) {
        sameSince = t
        return gapMs >= REPORTED_BREAK_MS
          ? { use: true, reset: true, fault: 'silent', ms: gapMs }
          : { use: true, reset: true }
      }
      return recovered ? { use: true, reset: true } : fine
    },
  }
}
