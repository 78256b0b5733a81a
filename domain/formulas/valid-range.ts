/**
 * The one convention of these formulas: an input outside its range, or NaN, gives `undefined`, never a guess.
 * Both ends belong to the range.
 */
export type Range = readonly [min: number, max: number]

/** False for NaN as well. */
export function isWithin(value: number, [min, max]: Range): boolean {
  return value >= min && value <= max
}

/** Shares and relative humidity. */
export const percentRange: Range = [0, 100]
