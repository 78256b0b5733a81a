import { MINUTE, SECOND } from '#domain/time.ts'

const FIRST_MS = 1 * SECOND
const LONGEST_MS = 1 * MINUTE

/**
 * Waits between tries, ms: 1, 2, 4 … 60 s, each shortened by up to half, so that a thousand edges that lost the
 * cloud together do not come back together. `random` gives 0 … 1.
 */
export function* backOff(random: () => number): Generator<number, never> {
  for (let wait = FIRST_MS; ; wait = Math.min(2 * wait, LONGEST_MS)) yield wait * (1 - random() / 2)
}
