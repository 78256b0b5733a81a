import type { ClockStamp } from '#domain/columns/batch-header.ts'
import type { Mark } from '#domain/columns/runs.ts'
import { type Detail, qualities, type Reading } from '#domain/reading.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { Arrival } from './fresh-body.ts'
import { clockOf } from './piece-head.ts'
import type { Newest, SeriesBook, StoredSeries } from './series-book.ts'

type Row = {
  series: number
  t: number
  v: number
  quality: number
  detail: string | null
  boot: string | null
  offset_ms: number | null
  upto: number
}

/** The newest reading of each series, as of what is sealed: so a start need not look for it. */
export type NewestTable = {
  /** Into the book. */
  load(): void
  /** Call inside a transaction. */
  write(entry: StoredSeries, newest: Newest, upto: number): void
  /** A clock was wrong: moves what it stamped. Nothing sealed is later than `upto`. Call inside a transaction. */
  move(clock: { boot: string; offsetMs: number }, byMs: number, upto: number): void
}

export function openNewestTable(database: Database, book: SeriesBook): NewestTable {
  const all = database.prepare('SELECT * FROM newest')
  const put = database.prepare(`INSERT INTO newest (series, t, v, quality, detail, boot, offset_ms, upto)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (series) DO UPDATE SET t = excluded.t, v = excluded.v,
    quality = excluded.quality, detail = excluded.detail, boot = excluded.boot, offset_ms = excluded.offset_ms,
    upto = excluded.upto`)
  const move = database.prepare(
    'UPDATE newest SET t = t + :by, offset_ms = offset_ms + :by WHERE boot = :boot AND offset_ms = :offset',
  )
  const raise = database.prepare('UPDATE newest SET upto = max(upto, ?)')
  return {
    load() {
      for (const row of all.all() as unknown as Row[]) {
        const entry = book.byId(row.series)
        if (!entry) continue
        entry.newest = newestOf(row)
        entry.upto = row.upto
      }
    },
    write({ id }, { t, v, mark, clock }, upto) {
      const quality = qualities.indexOf(mark?.quality ?? 'good')
      const detail = mark?.detail ? JSON.stringify(mark.detail) : null
      put.run(id, t, v, quality, detail, clock?.boot ?? null, clock?.offsetMs ?? null, upto)
    },
    move({ boot, offsetMs }, byMs, upto) {
      move.run({ by: byMs, boot, offset: offsetMs })
      raise.run(upto)
    },
  }
}

function newestOf({ t, v, quality, detail, boot, offset_ms }: Row): Newest {
  const isPlain = quality === 0 && detail === null
  const mark: Mark = {
    quality: qualities[quality] ?? 'bad',
    ...(detail !== null && { detail: JSON.parse(detail) as Detail }),
  }
  return { t, v, mark: isPlain ? undefined : mark, clock: clockOf({ boot, offset_ms }) }
}

/** Takes a reading for the newest of its series if it is. */
export function noteNewest({ entry, t, v, mark }: Arrival, clock: ClockStamp | undefined): void {
  if (entry.newest && t < entry.newest.t) return
  entry.newest = { t, v, mark, clock }
}

export function newestReading({ series, units, newest }: StoredSeries): Reading | undefined {
  if (!newest) return undefined
  const { t, v, mark } = newest
  return {
    series,
    t,
    value: v / units,
    quality: mark?.quality ?? 'good',
    ...(mark?.detail && { detail: mark.detail }),
  }
}
