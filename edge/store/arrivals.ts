import { isPlain, type Mark } from '#domain/columns/runs.ts'
import type { Reading } from '#domain/reading.ts'
import type { Arrival } from './fresh-body.ts'
import type { SealedPieces } from './sealed-pieces.ts'
import type { SeriesBook, StoredSeries } from './series-book.ts'
import { putReading, removeTime } from './timed-run.ts'

/**
 * What a group brings that the store does not hold yet: a reading is known by its series and time. What is later than
 * all that is sealed of its series is looked for among the fresh alone; for what is not, the pieces around its time
 * are looked into. What is new counts as there from now on: `forgetArrivals` if it cannot be stored.
 */
export function takeArrivals(
  readings: readonly Reading[],
  book: SeriesBook,
  sealed: SealedPieces,
  onDuplicate: (reading: { entry: StoredSeries; t: number }) => void = () => {},
): Arrival[] {
  const arrivals: Arrival[] = []
  try {
    const sealedUpto = sealed.newestT()
    for (const reading of readings) {
      const { t } = reading
      const entry = book.of(reading.series)
      if (t <= entry.upto && t <= sealedUpto && sealed.has(entry, t)) {
        onDuplicate({ entry, t })
        continue
      }
      // Never −0, which is no integer.
      const v = Math.round(reading.value * entry.units) + 0
      const mark = isPlain(reading) ? undefined : markOf(reading)
      if (putReading(entry.fresh, t, v, mark)) arrivals.push({ entry, t, v, mark })
      else onDuplicate({ entry, t })
    }
    return arrivals
  } catch (error) {
    forgetArrivals(arrivals)
    throw error
  }
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
