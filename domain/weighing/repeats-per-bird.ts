import { errorFunction } from '../formulas/uniformity.ts'

/**
 * How often the bird behind a weight is behind another weight of the same day. Two weights of one bird lie closer
 * together than those of two birds, so there are more close pairs than a smooth spread of weights would give: the
 * excess counts the repeats, without knowing a single bird. Where the scale is too coarse to tell, the prior holds.
 */
const PRIOR_REPEATS = 1.6
const PRIOR_SD = 1.3
/** Pairs nearer than this share are close; pairs of two to four times as far say what is normal. */
const CLOSE = 0.008
/**
 * How well one visit repeats the weight of another, one sd: a share of it and some grams. Measured on simulated scales
 * whose birds are known (the seeds for tuning).
 */
const AGAIN_SHARE = 0.009
const AGAIN_G = 2.4
/** Pairs of which neither was read wrong. */
const BOTH_FINE = 0.9

/** Mean number of other weights of the same bird, 0 …: n weights count as n / (1 + repeats) birds. */
export function repeatsPerBird(values: readonly number[], meanG: number, sdG: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const n = sorted.length
  const close = CLOSE * meanG
  // Birds as much alike as the scale is coarse cannot be told apart.
  if (sdG < 5 * close) return PRIOR_REPEATS
  let near = 0
  let next = 0
  let low = 0
  let high = 0
  let far = 0
  for (let index = 0; index < n; index++) {
    const value = sorted[index] as number
    low = Math.max(low, index)
    high = Math.max(high, index)
    far = Math.max(far, index)
    while (low + 1 < n && (sorted[low + 1] as number) - value <= close) low++
    while (high + 1 < n && (sorted[high + 1] as number) - value <= 2 * close) high++
    while (far + 1 < n && (sorted[far + 1] as number) - value <= 4 * close) far++
    near += low - index
    next += far - high
  }
  // Far pairs are fewer than close ones because a flock has an end on either side (a normal's pairs: exp(−d²/4σ²)).
  const expected = (next / 2) * (1 + 2.25 * (close / sdG) ** 2)
  const caught = BOTH_FINE * errorFunction(close / 2 / Math.hypot(AGAIN_SHARE * meanG, AGAIN_G))
  const measured = (2 * (near - expected)) / (caught * n)
  const sd = (2 * Math.sqrt(near + expected / 2)) / (caught * n)
  const trust = PRIOR_SD ** 2 / (PRIOR_SD ** 2 + sd ** 2)
  return Math.max(0, PRIOR_REPEATS + trust * (measured - PRIOR_REPEATS))
}
