const FIRST_MS = 500
const LONGEST_MS = 10_000

/**
 * How long to wait before each further try: 0.5 s, doubling up to 10 s, each ± 20 % so that a house full of
 * bridges does not knock in step. `random` gives 0 … 1. Never ends.
 */
export function* backOff(
  random: () => number,
  firstMs = FIRST_MS,
  longestMs = LONGEST_MS,
): Generator<number, never> {
  for (let ms = firstMs; ; ms = Math.min(ms * 2, longestMs)) yield Math.round(ms * (0.8 + 0.4 * random()))
}
