import type { Refusal, ScaleFault } from '#domain/weighing/verdicts.ts'

/** One bird. `alone`: nothing but litter was on the scale before it came, or after it went. */
export type WeightEvent = {
  kind: 'weight'
  t: number
  grams: number
  confidence: number
  stoodMs: number
  way: 'on' | 'off'
  alone: boolean
}

/** One thing that the scale has to say. `t`: UTC ms of the load it speaks of. */
export type ScaleEvent =
  | WeightEvent
  | { kind: 'reject'; t: number; grams: number; reason: Refusal }
  /** `grams`: the value that shows it; for `silent` the length of the gap in ms stands in `ms`. */
  | { kind: 'fault'; t: number; fault: ScaleFault; grams: number; ms?: number }

/** Alone on the scale, or read over and over at one level: less than that says more about the scale than the flock. */
const SURE_ALONE = 0.3
const SURE_AMONG_OTHERS = 0.7

/** Whether a weight is good enough for the flock's mean. */
export function isSure({ alone, confidence }: WeightEvent): boolean {
  return confidence >= (alone ? SURE_ALONE : SURE_AMONG_OTHERS)
}
