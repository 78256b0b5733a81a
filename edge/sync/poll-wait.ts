import { MAX_WANTS_WAIT_MS } from '#domain/sync.ts'
import { SECOND } from '#domain/time.ts'

/**
 * How long a request for news may hang. Proxies and the address tables of mobile networks cut a connection on which
 * nothing is said, some after 30 s and some after minutes: each cut halves the wait, and polls that hung to their end
 * double it again.
 */
export type PollWait = {
  ms(): number
  /** A poll failed after so long. True when that was a cut, which is no sign of a line that fails. */
  wasCut(heldMs: number): boolean
  /** A poll was answered after so long. */
  wasAnswered(heldMs: number): void
}

const SHORTEST_MS = 5 * SECOND
/** What fails sooner than this never hung: the line is down, or the cloud is. */
const CUT_AFTER_MS = 3 * SECOND
/** Whole polls before a longer one is tried; twice as many after each cut, as a proxy's patience seldom changes. */
const FIRST_TRUST = 10
const MOST_TRUST = 640
/** Cuts in a row, without an answer between them, that are a dead line all the same. */
const MOST_CUTS = 6

export function createPollWait(): PollWait {
  let waitMs = MAX_WANTS_WAIT_MS
  let trust = FIRST_TRUST
  let whole = 0
  let cuts = 0
  return {
    ms: () => waitMs,
    wasCut(heldMs) {
      if (heldMs < CUT_AFTER_MS) return false
      if (waitMs > SHORTEST_MS) trust = Math.min(trust * 2, MOST_TRUST)
      waitMs = Math.max(SHORTEST_MS, Math.floor(waitMs / 2))
      whole = 0
      return ++cuts <= MOST_CUTS
    },
    wasAnswered(heldMs) {
      cuts = 0
      // News that came early say nothing of how long it might have hung.
      if (heldMs < waitMs) return
      if (waitMs === MAX_WANTS_WAIT_MS) trust = FIRST_TRUST
      if (++whole < trust) return
      whole = 0
      waitMs = Math.min(MAX_WANTS_WAIT_MS, waitMs * 2)
    },
  }
}
