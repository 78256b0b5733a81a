import type { Reading } from '#domain/reading.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { SeriesBook, StoredSeries } from './series-book.ts'

/**
 * What senders with a wrong clock said of the time of a reading, which is stored under another one: when it comes again
 * it is known by that and its value.
 */
export type Claims = {
  /**
   * Readings that have not come before with what their sender says of their time. `claimOf`: undefined for those that
   * are stored under just that.
   */
  fresh(readings: readonly Reading[], claimOf: ClaimOf): readonly Reading[]
  /** Call inside a transaction, after the series are on disk. `number`: the last one given. */
  note(readings: readonly Reading[], claimOf: ClaimOf, number: number): void
}

export type ClaimOf = (reading: Reading) => number | undefined

/** A sender says something again soon, or after its own outage: claims are kept for so many numbers. */
const KEPT_NUMBERS = 300_000
const SWEEP_EVERY = 1_000

export type ClaimsDeps = {
  database: Database
  book: SeriesBook
  /** By how much readings were moved of late, ms: one that comes again claims the time before that. */
  steps(): readonly number[]
  valueAt(entry: StoredSeries, t: number): number | undefined
}

export function openClaims({ database, book, steps, valueAt }: ClaimsDeps): Claims {
  const has = database.prepare('SELECT 1 FROM claim WHERE series = ? AND claimed = ? AND v = ?')
  const put = database.prepare('INSERT OR IGNORE INTO claim (series, claimed, v, number) VALUES (?, ?, ?, ?)')
  const claimed = database.prepare('SELECT DISTINCT series FROM claim')
  const sweep = database.prepare('DELETE FROM claim WHERE number < ?')
  /** Only these need a look. */
  const withClaims = new Set(claimed.all().map((row) => Number(row['series'])))
  let noted = 0
  return {
    fresh(readings, claimOf) {
      if (withClaims.size === 0 && !readings.some((reading) => claimOf(reading) !== undefined))
        return readings
      const said = new Set<string>()
      return readings.filter((reading) => {
        const entry = book.find(reading.series)
        const claimed = claimOf(reading)
        if (
          entry &&
          withClaims.has(entry.id) &&
          has.get(entry.id, claimed ?? reading.t, unitsIn(entry, reading))
        )
          return false
        if (claimed === undefined) return true
        // Taken while this edge had the same wrong time as its sender, and moved since.
        if (entry && steps().some((byMs) => valueAt(entry, claimed + byMs) === unitsIn(entry, reading)))
          return false
        const key = `${reading.series.house}|${reading.series.device}|${reading.series.metric}|${claimed}|${reading.value}`
        if (said.has(key)) return false
        said.add(key)
        return true
      })
    },
    note(readings, claimOf, number) {
      for (const reading of readings) {
        const claimed = claimOf(reading)
        if (claimed === undefined) continue
        const entry = book.of(reading.series)
        put.run(entry.id, claimed, unitsIn(entry, reading), number)
        withClaims.add(entry.id)
        if (++noted % SWEEP_EVERY === 0) sweep.run(number - KEPT_NUMBERS)
      }
    },
  }
}

function unitsIn({ units }: StoredSeries, { value }: Reading): number {
  return Math.round(value * units) + 0
}
