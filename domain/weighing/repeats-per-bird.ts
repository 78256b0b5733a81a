/**
 * How often the bird behind a weight is behind another weight of the same day. Two weights of one bird lie closer
 * together than those of two birds, so there are more close pairs than a smooth spread of weights would give: the
 * excess counts the repeats, without knowing a single bird. Where the scale is too coarse to tell, the prior holds.
 */
const PRIOR_REPEATS = 1.2
const PRIOR_SD = 1
/** Two weights of one bird differ by less than this share, mostly; pairs of up to three times as far say what is normal. */
const CLOSE = 0.006
const CAUGHT = 0.75

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
  const expected = next / 2
  const measured = (2 * (near - expected)) / (CAUGHT * n)
  const sd = (2 * Math.sqrt(near + expected / 2)) / (CAUGHT * n)
  const trust = PRIOR_SD ** 2 / (PRIOR_SD ** 2 + sd ** 2)
  return Math.max(0, PRIOR_REPEATS + trust * (measured - PRIOR_REPEATS))
}
