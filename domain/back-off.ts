/**
 * Waits between tries, ms: `firstMs`, doubling up to `longestMs`, each shortened by up to half, so that a thousand
 * that lost the same peer together do not come back together. `random` gives 0 … 1. Never ends.
 */
export function* backOff(random: () => number, firstMs: number, longestMs: number): Generator<number, never> {
  for (let ms = firstMs; ; ms = Math.min(2 * ms, longestMs)) yield Math.round(ms * (1 - random() / 2))
}
