import type { ClockStamp } from '#domain/columns/batch-header.ts'
import type { Mark } from '#domain/columns/runs.ts'
import { type Detail, qualities, type Reading } from '#domain/reading.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { Arrival } from './fresh-body.ts'
import { clockOf } from './piece-head.ts'
import type { SealedPieces } from './sealed-pieces.ts'
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

export function openNewestTable(database: Database, book: SeriesBook, sealed: SealedPieces): NewestTable {
  const all = database.prepare('SELECT * FROM newest')
  const put = database.prepare(`INSERT INTO newest (series, t, v, quality, detail, boot, offset_ms, upto)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (series) DO UPDATE SET t = excluded.t, v = excluded.v,
    quality = excluded.quality, detail = excluded.detail, boot = excluded.boot, offset_ms = excluded.offset_ms,
    upto = excluded.upto`)
  const move = database.prepare(
    'UPDATE newest SET t = t + :by, offset_ms = offset_ms + :by WHERE boot = :boot AND offset_ms = :offset',
  )
  const raise = database.prepare('UPDATE newest SET upto = max(upto, ?)')
  /** From the piece it lies in; undefined where that cannot be read either. */
  const markOf = (entry: StoredSeries, time: number): Mark | undefined => {
    for (const head of sealed.between(time, time + 1)) {
      for (const { t, marks } of sealed.runsOf(head, entry)) {
        const position = t.indexOf(time)
        if (position >= 0) return marks?.get(position)
      }
    }
    return undefined
  }
  return {
    load() {
      for (const row of all.all() as unknown as Row[]) {
        const entry = book.byId(row.series)
        if (!entry) continue
        entry.newest = newestOf(row, () => markOf(entry, row.t))
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

/** `markAgain`: where the row has a mark that cannot be read. */
function newestOf(
  { t, v, quality, detail, boot, offset_ms }: Row,
  markAgain: () => Mark | undefined,
): Newest {
  const isPlain = quality === 0 && detail === null
  const mark = isPlain ? undefined : (readMark(quality, detail) ?? markAgain())
  return { t, v, mark, clock: clockOf({ boot, offset_ms }) }
}

function readMark(index: number, text: string | null): Mark | undefined {
  const quality = qualities[index]
  if (!quality || text === null) return quality && { quality }
  try {
    return { quality, detail: JSON.parse(text) as Detail }
  } catch {
    return undefined
  }
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
