import type { ScaleEvent } from './scale-event.ts'

type Weight = Extract<ScaleEvent, { kind: 'weight' }>

/** The weight of a day of one and the same animal (a perch, a caged bird), with its 95 % interval, g. */
export type OneBirdDay = { n: number; grams: number; low: number; high: number; share: number }

/** One long rest says as much as this many seconds, so that a sleeper does not outvote the day. */
const LONGEST_STAND_MS = 60_000
/** The highest level that held for this share of the time is what it weighs: nothing presses more for long. */
const FAIR_SHARE = 0.25
const LEVEL_WIDTH = 0.03
/** Through a day a bird's own weight swings: what it eats, drinks and drops. */
const DAY_SWING = 0.06

/** Undefined without weights. `share`: how much of the time on the scale agrees with the result, 0 … 1. */
export function weighOneBird(weights: readonly Weight[]): OneBirdDay | undefined {
  if (weights.length === 0) return undefined
  const sorted = weights
    .map(({ grams, stoodMs }) => ({ grams, time: Math.min(stoodMs, LONGEST_STAND_MS) }))
    .sort((a, b) => a.grams - b.grams)
  const total = sorted.reduce((sum, { time }) => sum + time, 0)
  const level = highestLevel(sorted, total)
  const near = sorted.filter(({ grams }) => Math.abs(grams / level - 1) < DAY_SWING)
  const grams = near[near.length >> 1]?.grams as number
  const spread = Math.sqrt(near.reduce((sum, weight) => sum + (weight.grams - grams) ** 2, 0) / near.length)
  // The median of n normal values scatters by 1.25 sd/√n; never less than what three values could say.
  const half = (1.96 * 1.2533 * spread) / Math.sqrt(Math.max(1, near.length - 1))
  const share = near.reduce((sum, { time }) => sum + time, 0) / total
  return { n: near.length, grams, low: grams - half, high: grams + half, share }
}

type Stood = { grams: number; time: number }

function highestLevel(sorted: readonly Stood[], total: number): number {
  let best = { time: 0, level: 0 }
  for (let top = sorted.length - 1; top >= 0; top--) {
    const floor = (sorted[top] as Stood).grams * (1 - LEVEL_WIDTH)
    let time = 0
    let moment = 0
    for (let index = top; index >= 0 && (sorted[index] as Stood).grams >= floor; index--) {
      const stood = sorted[index] as Stood
      time += stood.time
      moment += stood.time * stood.grams
    }
    if (time > best.time) best = { time, level: moment / time }
    else if (best.time >= FAIR_SHARE * total) break
  }
  return best.level
}
