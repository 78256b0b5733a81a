import type { StreamDay } from '#domain/ledger.ts'
import type { Series } from '#domain/reading.ts'
import { DAY } from '#domain/time.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { FreshPieces } from './fresh-pieces.ts'
import type { Hours } from './hours.ts'
import type { SealedPieces } from './sealed-pieces.ts'
import type { SeriesBook, StoredSeries } from './series-book.ts'
import type { Thinning } from './thinning.ts'
import { positionOf } from './timed-run.ts'

/** What lies on the disk, counted for the ledger. A day is one of UTC, numbered from 1970-01-01. */
export type DayCounts = {
  /** Notes readings that came again. Call inside a transaction. */
  noteDuplicates(readings: readonly { entry: StoredSeries; t: number }[]): void
  /** The cloud has taken a batch without these. */
  noteRefused(readings: readonly { series: Series; t: number }[]): void
  /** Every stream that was measured on that day. Reads all that is not acknowledged: not for a long backlog. */
  streamsOf(day: number): StreamDay[]
  /** Lost on the disk before they could be sent. */
  damagedOn(day: number): number
  /** Readings by day, for every day there is: what changed since it was told shows here. */
  totals(): Map<number, number>
}

export type DayCountsDeps = {
  database: Database
  book: SeriesBook
  fresh: FreshPieces
  sealed: SealedPieces
  thinning: Pick<Thinning, 'thinnedOn'>
  hours: Pick<Hours, 'totals'>
  /** What the cloud has acknowledged. */
  watermark(): number
}

export function openDayCounts({
  database,
  book,
  fresh,
  sealed,
  thinning,
  hours,
  watermark,
}: DayCountsDeps): DayCounts {
  const again = database.prepare(`INSERT INTO again (day, series, n) VALUES (?, ?, 1)
    ON CONFLICT (day, series) DO UPDATE SET n = n + 1`)
  const refused = database.prepare(`INSERT INTO refused (day, series, n) VALUES (?, ?, 1)
    ON CONFLICT (day, series) DO UPDATE SET n = n + 1`)
  const refusedOn = database.prepare('SELECT series, n FROM refused WHERE day = ?')
  const againOn = database.prepare('SELECT series, n FROM again WHERE day = ?')
  const hoursOn = database.prepare(
    'SELECT series, sum(n) AS n FROM hour WHERE hour >= ? AND hour < ? GROUP BY series',
  )
  const damagedOn = database.prepare(
    'SELECT coalesce(sum(damaged), 0) AS n FROM sealed WHERE t_min >= ? AND t_min < ?',
  )

  /** Readings of a day that the cloud has not acknowledged or will not take, by series. */
  const unacknowledged = (day: number) => {
    const waiting = new Map<StoredSeries, number>()
    const aside = new Map<StoredSeries, number>()
    const count = (
      into: Map<StoredSeries, number>,
      entry: StoredSeries | undefined,
      t: readonly number[],
    ) => {
      const n = countOn(t, day)
      if (entry && n > 0) into.set(entry, (into.get(entry) ?? 0) + n)
    }
    const acknowledged = watermark()
    for (const head of sealed.between(day * DAY, (day + 1) * DAY)) {
      if (head.aside === null && head.batch_last <= acknowledged) continue
      const into = head.aside === null ? waiting : aside
      for (const { series, t } of sealed.runs(head) ?? []) count(into, book.find(series), t)
    }
    for (const piece of fresh.after(0)) {
      if (piece.withdrawn || (piece.aside === null && piece.last <= acknowledged)) continue
      const into = piece.aside === null ? waiting : aside
      for (const { entry, t } of fresh.read(piece) ?? []) count(into, entry, [t])
    }
    return { waiting, aside }
  }

  return {
    noteDuplicates(readings) {
      for (const { entry, t } of readings) again.run(Math.floor(t / DAY), entry.id)
    },
    noteRefused(readings) {
      if (readings.length === 0) return
      database.transaction(() => {
        for (const { series, t } of readings) {
          const entry = book.find(series)
          if (entry) refused.run(Math.floor(t / DAY), entry.id)
        }
      })
    },
    streamsOf(day) {
      const sealedCounts = countsOf(hoursOn.all(day * 24, (day + 1) * 24))
      const duplicates = countsOf(againOn.all(day))
      const refusals = countsOf(refusedOn.all(day))
      const gone = new Map(thinning.thinnedOn(day).map((row) => [row.series, row]))
      const { waiting, aside } = unacknowledged(day)
      return book.all().flatMap((entry) => {
        const measured = (sealedCounts.get(entry.id) ?? 0) + countOn(entry.fresh.t, day)
        if (measured === 0) return []
        const { thinned = 0, replaced = 0 } = gone.get(entry.id) ?? {}
        const setAside = (aside.get(entry) ?? 0) + (refusals.get(entry.id) ?? 0)
        const stands = measured - thinned + replaced - setAside
        const { house, device, metric, source, by } = entry.series
        return [
          {
            ...{ house, device, metric, source, by, measured, thinned, replaced },
            duplicate: duplicates.get(entry.id) ?? 0,
            aside: setAside,
            acknowledged: Math.max(0, stands - (waiting.get(entry) ?? 0)),
          },
        ]
      })
    },
    damagedOn: (day) => Number(damagedOn.get(day * DAY, (day + 1) * DAY)?.['n']),
    totals() {
      const totals = hours.totals()
      for (const { fresh } of book.all()) {
        for (const t of fresh.t) {
          const day = Math.floor(t / DAY)
          totals.set(day, (totals.get(day) ?? 0) + 1)
        }
      }
      return totals
    },
  }
}

function countsOf(rows: readonly Record<string, unknown>[]): Map<number, number> {
  return new Map(rows.map((row) => [Number(row['series']), Number(row['n'])]))
}

/** `t` in order. */
function countOn(t: readonly number[], day: number): number {
  return positionOf(t, (day + 1) * DAY) - positionOf(t, day * DAY)
}
