import type { Refusal } from '#domain/weighing/verdicts.ts'
import { createLevelHistogram } from './level-histogram.ts'
import { createLoadFilter } from './load-filter.ts'
import { createPlateauFinder } from './plateau-finder.ts'
import { createSampleGuard } from './sample-guard.ts'
import type { ScaleEvent } from './scale-event.ts'
import { createTargetWatch } from './target-watch.ts'
import { createZeroTracker } from './zero-tracker.ts'

/**
 * One scale: samples in, weights of single birds out, in constant memory.
 *
 * ```
 *                 ┌─ level ─┐  second bird
 *       ┌─ level ─┘         └─ level ─┐
 *   ────┘ first bird                  └──── zero
 * ```
 *
 * A *stand* is the time in which the same birds are on the scale: from one change of at least a quarter of a bird
 * to the next. Its level less what was there before is the bird that came; its level less what stays is the bird
 * that went. A bird is said once, when its stand ends (both steps are then known), or after five minutes, when it
 * sleeps. All masses follow the weight that is expected; all times are those of broilers. Domain facts §2.
 */
export type BirdScale = {
  /** A sample: UTC ms, g, and what a bird should weigh now. Gives what it led to, mostly nothing. */
  take(t: number, grams: number, expectedG: number): readonly ScaleEvent[]
  zeroG(): number | undefined
}

export type BirdScaleOptions = {
  /** Milliseconds between samples. */
  stepMs: number
  /** A platform says birds as they come. From a hanging perch several leave one by one: it says them as they go. */
  type?: 'platform' | 'hanging'
  /** What the empty scale shows, where it was tared. */
  zeroG?: number
  /** Accepted weights lie within this share of the expected. */
  band?: number
}

const BAND = 0.35
const FIRST_WEEK_G = 220
const FIRST_WEEK_BAND = 0.45
/** Above this many expected weights it was more than one bird. */
const SEVERAL = 1.6
/** Smallest change that ends a stand, and largest spread of a plateau, as shares of the expected weight. */
const STEP = 0.25
const STEADY = 0.03
const STEADY_NOISES = 8
/** Of what is on the scale already: two birds move twice as much. */
const STEADY_LOAD = 0.02
const BIN = 0.005
const YOUNG_G = 500
const YOUNG_PLATEAU_MS = 500
const PLATEAU_MS = 1_000
const MIN_PLATEAU_SAMPLES = 3
const SLEEPS_MS = 5 * 60_000
const UNSTEADY_MS = 1_000
/** The same weight again within this time is the same bird. */
const REPEAT_MS = 30_000
const REPEAT_SHARE = 0.008
/** A step that leaves and one that came agree within this share when they are the same bird. */
const SAME_BIRD = 0.06
/** What the birds that were weighed do not explain, as a share of one: somebody leans on the scale. */
const UNEXPLAINED = 0.1
/** A zero that moved by less is litter that fell off: no business of the farmer. */
const REPORTED_MOVE = 0.12
const MAX_ON = 6

/** A step up: the level before it, and the level that the bird is weighed against. */
type Arrival = { beforeG: number; baseG: number; leans: boolean; alone: boolean }

const nothing: readonly ScaleEvent[] = []

export function createBirdScale({
  stepMs,
  type = 'platform',
  zeroG: tared,
  band,
}: BirdScaleOptions): BirdScale {
  const guard = createSampleGuard(stepMs)
  const filter = createLoadFilter(stepMs)
  const windows = { young: plateaus(YOUNG_PLATEAU_MS), grown: plateaus(PLATEAU_MS) }
  const zero = createZeroTracker(tared)
  const histogram = createLevelHistogram()
  const target = createTargetWatch()

  /** Weights of the birds that are on the scale, as far as they were weighed. */
  let on: number[] = []
  let stand: { startT: number; levelG: number; came: Arrival | undefined; said: boolean } | undefined
  let movingSince: number | undefined
  let movingTopG = 0
  let left: { t: number; grams: number } | undefined

  function plateaus(ms: number) {
    return createPlateauFinder(Math.max(MIN_PLATEAU_SAMPLES, Math.round(ms / filter.stepMs)))
  }

  const forget = (zeroGone = false) => {
    filter.reset()
    windows.young.reset()
    windows.grown.reset()
    zero.pause(zeroGone)
    stand = undefined
    on = []
    left = undefined
    movingSince = undefined
  }

  const judge = (grams: number, expectedG: number): Refusal | undefined => {
    const share = grams / expectedG
    const width = band ?? (expectedG < FIRST_WEEK_G ? FIRST_WEEK_BAND : BAND)
    if (share > SEVERAL) return 'several'
    if (share > 1 + width) return 'too-heavy'
    return share < 1 - width ? 'too-light' : undefined
  }

  /** The bird of a stand that came with a step up. `afterG`: the level that followed, where it was a step down. */
  const sayStand = (expectedG: number, afterG: number | undefined): ScaleEvent[] => {
    if (!stand?.came || stand.said) return []
    stand.said = true
    const rise = histogram.level() - stand.came.baseG
    const fall = afterG === undefined ? undefined : histogram.level() - afterG
    const isSame = fall !== undefined && Math.abs(rise - fall) < SAME_BIRD * expectedG
    const grams = isSame ? (rise + fall) / 2 : rise
    const reason = judge(grams, expectedG)
    if (reason) return [{ kind: 'reject', t: stand.startT, grams, reason }]
    on.push(grams)
    if (on.length > MAX_ON) on.shift()
    if (left && stand.startT - left.t < REPEAT_MS && Math.abs(left.grams - grams) < REPEAT_SHARE * grams) {
      return [{ kind: 'reject', t: stand.startT, grams, reason: 'repeat' }]
    }
    if (type === 'hanging') return []
    const stoodMs = histogram.count() * filter.stepMs
    const confidence = confidenceOf(
      stoodMs,
      histogram.share(),
      isSame ? Math.abs(rise - fall) / grams : undefined,
      stand.came.leans,
    )
    const { alone } = stand.came
    return [{ kind: 'weight', t: stand.startT, grams, confidence, stoodMs, way: 'on', alone }]
  }

  /** The bird that left with a step down. It is new only when no bird of that weight was said as it came. */
  const sayLeaving = (t: number, expectedG: number, fallG: number, alone: boolean): ScaleEvent[] => {
    let nearest = -1
    for (const [index, grams] of on.entries()) {
      const best = on[nearest]
      if (best === undefined || Math.abs(grams - fallG) < Math.abs(best - fallG)) nearest = index
    }
    const known = on[nearest]
    const isKnown = known !== undefined && Math.abs(known - fallG) < SAME_BIRD * expectedG
    if (isKnown) {
      on.splice(nearest, 1)
      left = { t, grams: known }
      if (type === 'platform') return []
    }
    const reason = judge(fallG, expectedG)
    if (reason) return isKnown || reason === 'too-light' ? [] : [{ kind: 'reject', t, grams: fallG, reason }]
    const stoodMs = histogram.count() * filter.stepMs
    const confidence = confidenceOf(stoodMs, histogram.share(), undefined, false)
    return [{ kind: 'weight', t, grams: fallG, confidence, stoodMs, way: 'off', alone }]
  }

  const startStand = (t: number, levelG: number, expectedG: number, came?: Arrival) => {
    stand = { startT: t, levelG, came, said: false }
    histogram.start(levelG, BIN * expectedG)
    histogram.add(levelG)
  }

  /** What a bird that comes now is weighed against: the load before, unless that is more than the birds on it. */
  const arrivalFrom = (beforeG: number, expectedG: number): Arrival => {
    const explained = (zero.level() as number) + on.reduce((sum, grams) => sum + grams, 0)
    const leans = beforeG - explained > UNEXPLAINED * expectedG && on.length === 0
    return { beforeG, baseG: leans ? explained : beforeG, leans, alone: zero.isEmpty(beforeG, expectedG) }
  }

  const settle = (t: number, levelG: number, expectedG: number): readonly ScaleEvent[] => {
    movingSince = undefined
    if (!stand) {
      startStand(t, levelG, expectedG)
      return nothing
    }
    const changeG = levelG - stand.levelG
    if (Math.abs(changeG) < STEP * expectedG) {
      // While empty the level is the last one; with a bird on it, all levels are weighed against each other.
      stand.levelG += 0.2 * changeG
      histogram.add(levelG)
      if (!stand.came || stand.said || t - stand.startT < SLEEPS_MS) return nothing
      return sayStand(expectedG, undefined)
    }
    const beforeG = stand.levelG
    if (changeG > 0) {
      const events = sayStand(expectedG, undefined)
      startStand(t, levelG, expectedG, arrivalFrom(beforeG, expectedG))
      return events
    }
    const events = sayStand(expectedG, levelG)
    const isBack = stand.came !== undefined && Math.abs(levelG - stand.came.beforeG) < UNEXPLAINED * expectedG
    if (isBack && type === 'platform') {
      const grams = on.pop()
      if (grams !== undefined) left = { t, grams }
    } else {
      const fallG = histogram.level() - levelG
      events.push(...sayLeaving(t, expectedG, fallG, zero.isEmpty(levelG, expectedG)))
    }
    startStand(t, levelG, expectedG)
    if (zero.isEmpty(levelG, expectedG)) on = []
    else {
      const staying = Math.round((levelG - (zero.level() as number)) / expectedG)
      on.length = Math.min(on.length, Math.max(0, staying))
    }
    const wasG = zero.level() as number
    if (on.length === 0 && zero.fell(levelG, expectedG)) {
      events.push({ kind: 'fault', t, fault: 'zero-moved', grams: levelG - wasG })
    }
    return events
  }

  const watchTarget = (events: readonly ScaleEvent[], expectedG: number): readonly ScaleEvent[] => {
    if (events.length === 0) return events
    const all = [...events]
    for (const event of events) {
      if (event.kind === 'fault' || (event.kind === 'reject' && event.reason === 'unsteady')) continue
      const accepted = event.kind === 'weight' || event.reason === 'repeat'
      const fault = target.take(event.grams / expectedG, accepted)
      if (fault) all.push({ kind: 'fault', t: event.t, fault, grams: event.grams })
    }
    return all
  }

  /** Something came and went without ever standing still. */
  const watchUnsteady = (t: number, grams: number, expectedG: number): readonly ScaleEvent[] => {
    const aboveG = grams - (stand?.levelG ?? grams)
    if (aboveG < STEP * expectedG) {
      const wasLong = movingSince !== undefined && t - movingSince > UNSTEADY_MS
      movingSince = undefined
      return wasLong ? [{ kind: 'reject', t, grams: movingTopG, reason: 'unsteady' }] : nothing
    }
    movingSince ??= t
    movingTopG = aboveG
    return nothing
  }

  return {
    zeroG: zero.level,
    take(t, grams, expectedG) {
      const found = guard.take(t, grams, expectedG, zero.level())
      if (found.reset) forget(found.zeroGone)
      let events: ScaleEvent[] | undefined
      if (found.fault) {
        const { fault, ms } = found
        events = [{ kind: 'fault', t, fault, grams, ...(ms !== undefined && { ms }) }]
      }
      if (!found.use) return events ?? nothing
      const load = filter.take(grams)
      if (load === undefined) return events ?? nothing

      const loadG = load - (zero.level() ?? load)
      const toleranceG = Math.max(STEADY * expectedG, STEADY_LOAD * loadG, STEADY_NOISES * zero.noiseG())
      const young = windows.young.take(load, toleranceG)
      const grown = windows.grown.take(load, toleranceG)
      const levelG = expectedG < YOUNG_G ? young : grown
      const wasG = zero.level()
      const hasJumped = zero.take(t, load, levelG, expectedG)
      if (
        hasJumped &&
        wasG !== undefined &&
        Math.abs((zero.level() as number) - wasG) > REPORTED_MOVE * expectedG
      ) {
        events ??= []
        events.push({ kind: 'fault', t, fault: 'zero-moved', grams: (zero.level() as number) - wasG })
      }
      const more = watchTarget(
        levelG === undefined ? watchUnsteady(t, load, expectedG) : settle(t, levelG, expectedG),
        expectedG,
      )
      if (events === undefined) return more
      events.push(...more)
      return events
    },
  }
}

/**
 * How far one weight can be trusted, 0 … 1: how long it stood, how much of that at one level, how well coming and
 * going agree (unknown counts as poorly), and whether something leaned on the scale before.
 */
function confidenceOf(
  stoodMs: number,
  share: number,
  disagreement: number | undefined,
  leans: boolean,
): number {
  const stood = stoodMs / (stoodMs + 1_000)
  const agreed = disagreement === undefined ? 0.8 : 1 / (1 + (disagreement / 0.03) ** 2)
  return Math.round(100 * stood * (0.5 + 0.5 * share) * agreed * (leans ? 0.7 : 1)) / 100
}
