import { expect, it } from 'vitest'
import { MAX_WANTS_WAIT_MS } from '#domain/sync.ts'
import { createPollWait } from './poll-wait.ts'

/** Polls for a time through a proxy that cuts what hangs for so long; how many were cut. */
function poll(wait: ReturnType<typeof createPollWait>, cutsAfterMs: number, forMs: number) {
  let cuts = 0
  for (let at = 0; at < forMs; ) {
    const heldMs = Math.min(wait.ms(), cutsAfterMs)
    at += heldMs
    if (heldMs < wait.ms()) {
      cuts++
      expect(wait.wasCut(heldMs)).toBe(true)
    } else wait.wasAnswered(heldMs)
  }
  return cuts
}
const HOUR = 3_600_000

it.each([10_000, 30_000, 60_000, 120_000])(
  'comes to terms with a proxy that cuts after %d ms',
  (cutsAfterMs) => {
    const wait = createPollWait()
    poll(wait, cutsAfterMs, 24 * HOUR)
    expect(poll(wait, cutsAfterMs, 24 * HOUR)).toBeLessThan(30)
    expect(wait.ms()).toBeGreaterThanOrEqual(cutsAfterMs / 4)
    // The proxy was set right.
    expect(poll(wait, Number.POSITIVE_INFINITY, 48 * HOUR)).toBe(0)
    expect(wait.ms()).toBe(MAX_WANTS_WAIT_MS)
  },
)

it('takes neither a quick failure nor many in a row for a cut', () => {
  const wait = createPollWait()
  expect(wait.wasCut(50)).toBe(false)
  expect(wait.ms()).toBe(MAX_WANTS_WAIT_MS)
  const seen = Array.from({ length: 7 }, () => wait.wasCut(20_000))
  expect(seen).toEqual([true, true, true, true, true, true, false])
  wait.wasAnswered(10)
  expect(wait.wasCut(20_000)).toBe(true)
})
