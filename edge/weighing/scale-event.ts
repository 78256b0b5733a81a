/** Why a load that came or went is no weight of a bird. */
export const rejectReasons = [
  'too-light',
  'too-heavy',
  /** More came at once than one bird can weigh. */
  'several',
  /** It left before the load stood still. */
  'unsteady',
  /** The bird that has just left is back: it counts once. */
  'repeat',
] as const
export type WeighReject = (typeof rejectReasons)[number]

/** What is wrong with the scale or its line. Each has a text for the user. */
export const scaleFaults = [
  'not-a-number',
  'saturated',
  'overloaded',
  'frozen',
  'silent',
  'clock-back',
  'zero-moved',
  'pounds',
  'off-target',
] as const
export type ScaleFault = (typeof scaleFaults)[number]

/** One thing that the scale has to say. `t`: UTC ms of the load it speaks of. */
export type ScaleEvent =
  | { kind: 'weight'; t: number; grams: number; confidence: number; stoodMs: number; way: 'on' | 'off' }
  | { kind: 'reject'; t: number; grams: number; reason: WeighReject }
  /** `grams`: the value that shows it; for `silent` the length of the gap in ms stands in `ms`. */
  | { kind: 'fault'; t: number; fault: ScaleFault; grams: number; ms?: number }
