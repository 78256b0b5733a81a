import { isPlain, type Mark } from '#domain/columns/runs.ts'
import type { Reading } from '#domain/reading.ts'
import type { Arrival } from './fresh-body.ts'
import type { SealedPieces } from './sealed-pieces.ts'
import type { SeriesBook, StoredSeries } from './series-book.ts'
import { positionOf, putReading, removeTime } from './timed-run.ts'

/** A reading whose time another one of its series has goes to the next free ms, at most so many later. */
const MOST_LATER_MS = 20

/**
 * What a group brings that the store does not hold yet: a reading is known by its series and time. One that comes again
 * says the same value; one that says another is another reading, measured by a clock that was set back or moved here
 * with it, and goes to the next ms that is free. What is later than all that is sealed of its series is looked for
 * among the fresh alone; for what is not, the pieces around its time are looked into. What is new counts as there from
 * now on: `forgetArrivals` if it cannot be stored. `onDuplicate`: at the time under which it is there.
 */
export function takeArrivals(
  readings: readonly Reading[],
  book: SeriesBook,
  sealed: SealedPieces,
  onDuplicate: (there: Arrival) => void = () => {},
  mostLaterMs = MOST_LATER_MS,
): Arrival[] {
  const arrivals: Arrival[] = []
  const valueAt = (entry: StoredSeries, t: number) => storedAt(entry, t, sealed)
  try {
    for (const reading of readings) {
      const entry = book.of(reading.series)
      // Never −0, which is no integer.
      const v = Math.round(reading.value * entry.units) + 0
      const mark = isPlain(reading) ? undefined : markOf(reading)
      let { t } = reading
      let there = valueAt(entry, t)
      while (there !== undefined && there !== v && t - reading.t < mostLaterMs) there = valueAt(entry, ++t)
      if (there === undefined && putReading(entry.fresh, t, v, mark)) arrivals.push({ entry, t, v, mark })
      else onDuplicate({ entry, t, v, mark })
    }
    return arrivals
  } catch (error) {
    forgetArrivals(arrivals)
    throw error
  }
}

/** The value that is stored of a series at this very time, in units of the metric's last decimal. */
export function storedAt(
  entry: StoredSeries,
  t: number,
  sealed: Pick<SealedPieces, 'newestT' | 'valueAt'>,
): number | undefined {
  const { upto, fresh } = entry
  const old = t <= upto && t <= sealed.newestT() ? sealed.valueAt(entry, t) : undefined
  if (old !== undefined) return old
  const position = positionOf(fresh.t, t)
  return fresh.t[position] === t ? fresh.v[position] : undefined
}

export function forgetArrivals(arrivals: readonly Arrival[]): void {
  for (let index = arrivals.length - 1; index >= 0; index--) {
    const { entry, t } = arrivals[index] as Arrival
    removeTime(entry.fresh, t)
  }
}

function markOf({ quality, detail }: Reading): Mark {
  return { quality, ...(detail && { detail }) }
}
