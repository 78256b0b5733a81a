import type { ClockStamp } from '#domain/columns/batch-header.ts'
import type { Reading } from '#domain/reading.ts'
import { takeArrivals } from './arrivals.ts'
import type { Arrival } from './fresh-body.ts'
import type { Stamp } from './fresh-pieces.ts'
import type { SealedPieces } from './sealed-pieces.ts'
import type { SeriesBook } from './series-book.ts'

/** What becomes one fresh piece. */
export type FreshPart = { arrivals: Arrival[]; stamp: Stamp }

/** Readings at their right times. The cloud may have each of them at its t − movedByMs, for every one of these. */
export type Moved = {
  readings: readonly Reading[]
  movedByMs: readonly number[]
  clock: ClockStamp | undefined
}

/** Among others of other values it goes further than a reading that just arrived: it must not be lost. */
const MOST_LATER_MS = 1_000

/**
 * Moved readings on their way into the store, as pieces in the order of `readings`. The wrong time of each is withdrawn
 * in the cloud whatever becomes of the reading itself:
 *
 * ```
 * at its right time stands    it is stored    what is withdrawn
 * nothing                     there           t − movedByMs
 * another value               k ms later      t + k − (movedByMs + k): a piece of its own, as its step is another
 * itself: it came again       not at all      t − movedByMs, by a piece that is only sent (PieceHead.withdrawn)
 * ```
 *
 * `stored` are those that count as there from now on: to be forgotten (`forgetArrivals`) if this fails.
 */
export function takeMoved(
  { readings, movedByMs: [byMs = 0, ...alsoMs], clock }: Moved,
  book: SeriesBook,
  sealed: SealedPieces,
  stored: Arrival[],
): FreshPart[] {
  const parts: FreshPart[] = []
  const only: FreshPart[][] = alsoMs.map(() => [])
  for (const reading of readings) {
    let there: Arrival | undefined
    const note = (found: Arrival) => {
      there = found
    }
    const [arrival] = takeArrivals([reading], book, sealed, note, MOST_LATER_MS)
    if (arrival) stored.push(arrival)
    const found = arrival ?? there
    if (!found) continue
    const laterMs = found.t - reading.t
    if (arrival) put(parts, arrival, { clock, movedByMs: byMs + laterMs, isOnlySent: false })
    else put(parts, found, { clock, movedByMs: byMs + laterMs, isOnlySent: true })
    alsoMs.forEach((ms, index) => {
      put(only[index] ?? [], found, { clock, movedByMs: ms + laterMs, isOnlySent: true })
    })
  }
  return [...only.flat(), ...parts]
}

function put(parts: FreshPart[], arrival: Arrival, stamp: Stamp): void {
  // It stands in the cloud where it belongs.
  if (stamp.isOnlySent && stamp.movedByMs === 0) return
  const last = parts.at(-1)
  const isAlike = last?.stamp.movedByMs === stamp.movedByMs && last.stamp.isOnlySent === stamp.isOnlySent
  if (isAlike) last.arrivals.push(arrival)
  else parts.push({ arrivals: [arrival], stamp })
}
