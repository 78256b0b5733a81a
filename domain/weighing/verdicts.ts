/** Why a load that came or went is no weight of a bird. */
export const refusals = [
  'too-light',
  'too-heavy',
  /** More came at once than one bird can weigh. */
  'several',
  /** It left before the load stood still. */
  'unsteady',
  /** The bird that has just left is back: it counts once. */
  'repeat',
  /** One bird it was, but read so poorly (others on the scale, short, restless) that the mean does without it. */
  'unsure',
] as const
export type Refusal = (typeof refusals)[number]

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

/** The name under which weights travel. A change of method is a new name, and so a new series. */
export const WEIGH_MODEL = 'weigh-stands@3'

/**
 * Loads that were refused (`bird.weight.refused`) and faults (`scale.fault`) are a series for each reason: the reason
 * stands behind the model's name, and so is in every chart and export without a column of its own.
 */
export function verdictName(verdict: Refusal | ScaleFault): string {
  return `${WEIGH_MODEL}.${verdict}`
}

/** The reason in such a name, of any version of the model; undefined when it holds none that is known. */
export function verdictIn<Verdict extends string>(
  by: string,
  verdicts: readonly Verdict[],
): Verdict | undefined {
  const found = by.slice(by.indexOf('.') + 1)
  return by.includes('.') ? verdicts.find((verdict) => verdict === found) : undefined
}
