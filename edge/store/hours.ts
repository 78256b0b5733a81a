import type { SeriesRun } from '#domain/columns/runs.ts'
import { DAY, HOUR } from '#domain/time.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { HourOf } from './edge-store.ts'
import type { TimesAndValues } from './pieces-at-hand.ts'
import type { SealedHead, SealedPieces } from './sealed-pieces.ts'
import type { SeriesBook, StoredSeries } from './series-book.ts'
import { positionOf } from './timed-run.ts'

/** Readings of an hour as one row: for charts, and what stays when single readings must go. */
export type Hours = {
  /** Counts readings that were not counted yet. Call inside a transaction. */
  add(runs: readonly SeriesRun[]): void
  /** What touches from ≤ t ≤ to was moved: these hours are to be counted anew. Call inside a transaction. */
  spoil(from: number, to: number): void
  /** Single readings up to here are gone, so these hours cannot be counted anew. Call inside a transaction. */
  keepUpto(t: number): void
  /**
   * Counts one such hour anew, in a transaction of its own, or reads some of the pieces that this needs. False where
   * there is none.
   */
  mend(): boolean
  /** Readings by day since 1970-01-01 (UTC), of all that was counted. */
  totals(): Map<number, number>
  between(entry: StoredSeries, from: number, to: number): HourOf[]
}

/** Read in one step of `mend`: some 20 ms. */
const PIECES_A_STEP = 4

type Row = { hour: number; n: number; sum: number; low: number; high: number; last_ms: number; last: number }

export function openHours(database: Database, book: SeriesBook, sealed: SealedPieces): Hours {
  const put = database.prepare(`INSERT INTO hour (hour, series, n, sum, low, high, last_ms, last)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hour, series) DO UPDATE SET
    n = n + excluded.n, sum = sum + excluded.sum, low = min(low, excluded.low), high = max(high, excluded.high),
    last = iif(excluded.last_ms > last_ms, excluded.last, last), last_ms = max(last_ms, excluded.last_ms)`)
  const spoil = database.prepare('INSERT INTO stale_hour (hour) VALUES (?) ON CONFLICT DO NOTHING')
  const stale = database.prepare('SELECT hour FROM stale_hour ORDER BY hour DESC LIMIT 1')
  const mended = database.prepare('DELETE FROM stale_hour WHERE hour = ?')
  const clear = database.prepare('DELETE FROM hour WHERE hour = ?')
  // Rows lie by hour and then by series, as they are written: one look for each hour.
  const between = database.prepare(`
    WITH RECURSIVE hours(hour) AS (
      SELECT :from WHERE :from < :to UNION ALL SELECT hour + 1 FROM hours WHERE hour + 1 < :to)
    SELECT hour.* FROM hours JOIN hour ON hour.hour = hours.hour AND hour.series = :series ORDER BY hour.hour`)

  const keep = database.prepare(`INSERT INTO meta (key, value) VALUES ('hours.kept', ?)
    ON CONFLICT (key) DO UPDATE SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))`)
  const kept = database.prepare("SELECT CAST(value AS INTEGER) AS hour FROM meta WHERE key = 'hours.kept'")

  const addToDay = database.prepare(
    'INSERT INTO day_total (day, n) VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET n = n + excluded.n',
  )
  const inHour = database.prepare('SELECT coalesce(sum(n), 0) AS n FROM hour WHERE hour = ?')
  const days = database.prepare('SELECT day, n FROM day_total WHERE n <> 0')
  /** How often pieces were read beforehand for this hour: others may need their place in memory. */
  let prepared = { hour: -1, times: 0 }

  const putHour = (id: number, hour: number, { t, v }: TimesAndValues, start: number, end: number) => {
    let sum = 0
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    for (let index = start; index < end; index++) {
      const value = v[index] as number
      sum += value
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
    const lastMs = (t[end - 1] as number) - hour * HOUR
    put.run(hour, id, end - start, sum, low, high, lastMs, v[end - 1] as number)
  }
  const addBetween = (runs: Iterable<readonly [number, TimesAndValues]>, from: number, to: number) => {
    const added = new Map<number, number>()
    for (const [id, run] of runs) {
      const { t } = run
      const stop = positionOf(t, to)
      for (let start = positionOf(t, from); start < stop; ) {
        const hour = Math.floor((t[start] as number) / HOUR)
        const end = Math.min(stop, positionOf(t, (hour + 1) * HOUR))
        putHour(id, hour, run, start, end)
        const day = Math.floor((hour * HOUR) / DAY)
        added.set(day, (added.get(day) ?? 0) + end - start)
        start = end
      }
    }
    for (const [day, n] of added) addToDay.run(day, n)
  }
  /** True where some are still to be read: few at once, as that holds the event loop. */
  const prepare = (hour: number, heads: readonly SealedHead[]): boolean => {
    if (prepared.hour !== hour) prepared = { hour, times: 0 }
    return prepared.times++ <= heads.length / PIECES_A_STEP && !sealed.takeToHand(heads, PIECES_A_STEP)
  }

  return {
    add: (runs) =>
      addBetween(
        runs.map((run) => [book.of(run.series).id, run]),
        0,
        Number.POSITIVE_INFINITY,
      ),
    spoil(from, to) {
      for (let hour = Math.floor(from / HOUR); hour * HOUR <= to; hour++) spoil.run(hour)
    },
    keepUpto(t) {
      keep.run(String(Math.floor(t / HOUR)))
    },
    mend() {
      const hour = stale.get()?.['hour']
      if (hour === undefined) return false
      if (Number(hour) <= Number(kept.get()?.['hour'] ?? -1)) {
        mended.run(hour)
        return true
      }
      const from = Number(hour) * HOUR
      const heads = sealed.between(from, from + HOUR)
      if (prepare(Number(hour), heads)) return true
      database.transaction(() => {
        addToDay.run(Math.floor(from / DAY), -Number(inHour.get(hour)?.['n']))
        clear.run(hour)
        for (const head of heads) addBetween(sealed.atHand(head), from, from + HOUR)
        mended.run(hour)
      })
      return true
    },
    totals: () => new Map(days.all().map((row) => [Number(row['day']), Number(row['n'])])),
    between({ id, units }, from, to) {
      const range = { from: Math.ceil(from / HOUR), to: Math.ceil(to / HOUR), series: id }
      return (between.all(range) as unknown as Row[]).map(({ hour, n, sum, low, high, last_ms, last }) => ({
        t: hour * HOUR,
        n,
        mean: sum / n / units,
        min: low / units,
        max: high / units,
        last: { t: hour * HOUR + last_ms, value: last / units },
      }))
    },
  }
}
