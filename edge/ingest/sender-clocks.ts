import { DAY, HOUR, SECOND } from '#domain/time.ts'

/**
 * What the clocks of senders are worth. A message arrives a little after it was sent, and never before: the smallest
 * difference between arrival and the sender's own time is how far that clock is off, plus the shortest way here.
 */
export type SenderClocks = {
  /** The sender's clock showed `own` for something that arrived at `arrivalMs`: ms of whatever beginning. */
  heard(sender: string, own: number, arrivalMs: number): void
  /** The moment of the receiver's clock at which the sender's, heard before, showed `own`. */
  momentOf(sender: string, own: number): number
}

/** Clocks drift apart: the smallest difference of the last one to two hours counts. */
const WINDOW_MS = HOUR
/** What differs by more is another clock, or the same one after it was set. */
const SAME_CLOCK_MS = DAY
/** What is known of a clock stands until it is off by this: a message that comes twice is one moment. */
const SAME_MS = 2 * SECOND
const MOST_SENDERS = 1_000

type Known = { differenceMs: number; least: number; leastBefore: number; sinceMs: number }

export function createSenderClocks(): SenderClocks {
  const clocks = new Map<string, Known>()

  const meet = (sender: string, differenceMs: number, arrivalMs: number) => {
    const [oldest] = clocks.keys()
    if (oldest !== undefined && !clocks.has(sender) && clocks.size >= MOST_SENDERS) clocks.delete(oldest)
    clocks.set(sender, {
      differenceMs,
      least: differenceMs,
      leastBefore: differenceMs,
      sinceMs: arrivalMs,
    })
  }

  return {
    heard(sender, own, arrivalMs) {
      const differenceMs = arrivalMs - own
      const known = clocks.get(sender)
      if (!known || Math.abs(differenceMs - known.differenceMs) > SAME_CLOCK_MS) {
        meet(sender, differenceMs, arrivalMs)
        return
      }
      if (arrivalMs - known.sinceMs > WINDOW_MS) {
        known.leastBefore = known.least
        known.least = differenceMs
        known.sinceMs = arrivalMs
      }
      known.least = Math.min(known.least, differenceMs)
      const least = Math.min(known.least, known.leastBefore)
      if (Math.abs(least - known.differenceMs) > SAME_MS) known.differenceMs = least
    },
    momentOf: (sender, own) => own + (clocks.get(sender)?.differenceMs ?? Number.NaN),
  }
}
