import { type BookEntry, balance, type NewFlock, standingEntries } from '#domain/flock.ts'
import type { Reading, Series } from '#domain/reading.ts'
import { startOfLocalDay } from '#domain/time.ts'

/**
 * The head-count of the books, as readings: one for each day on which it changed, at the day's beginning.
 * Worked out anew each time it is asked for, so that a correction puts all of its history right.
 */
export function headCounts(flock: NewFlock, entries: readonly BookEntry[], timeZone: string): Reading[] {
  const standing = standingEntries(entries)
  const series: Series = {
    house: flock.house,
    device: 'books',
    metric: 'bird.count',
    source: 'person',
    by: 'books',
  }
  const days = new Set([flock.placedOn, ...standing.filter(changesHeadCount).map(({ day }) => day)])
  return [...days].sort().map((day) => ({
    series,
    t: startOfLocalDay(day, timeZone),
    value: balance(
      flock.placed,
      standing.filter((entry) => entry.day <= day),
    ).present,
    quality: 'good',
  }))
}

const changesHeadCount = ({ kind }: BookEntry) => kind !== 'feed' && kind !== 'medicine'
