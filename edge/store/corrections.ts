import { readingsOf, type SeriesRun } from '#domain/columns/runs.ts'
import type { Database } from '#sqlite-file/database.ts'
import { forgetArrivals } from './arrivals.ts'
import type { Correction, EdgeStore } from './edge-store.ts'
import type { Arrival } from './fresh-body.ts'
import type { FreshPiece, FreshPieces } from './fresh-pieces.ts'
import { gatherRuns } from './gathered-runs.ts'
import type { Hours } from './hours.ts'
import { type FreshPart, takeMoved } from './moved-parts.ts'
import type { NewestTable } from './newest.ts'
import { clockOf, isAlike, numbersOf, type PieceHead } from './piece-head.ts'
import type { SealedHead, SealedPieces } from './sealed-pieces.ts'
import type { SeriesBook } from './series-book.ts'

export type Corrections = Pick<EdgeStore, 'moveReadings' | 'corrections'> & {
  /** Stores a few of the withdrawn readings again. False where there is none left. */
  storeAgain(): boolean
}

export type CorrectionsDeps = {
  database: Database
  book: SeriesBook
  fresh: FreshPieces
  sealed: SealedPieces
  hours: Hours
  newest: NewestTable
  sent(): number
  /** Appends fresh pieces. Call inside a transaction, then the result once it is durable. */
  append(parts: readonly FreshPart[]): () => void
  /** Pieces are not what they were: reads all that is kept in memory of them. */
  reload(): void
}

type Row = {
  at: number | null
  boot: string
  offset_ms: number
  by_ms: number
  in_place: number
  again: number
}

/** Fresh readings that are stored again in one step. */
const READINGS_A_STEP = 2_000
const PIECES_A_STEP = 200

const WHERE = 'boot = :boot AND offset_ms = :offset AND withdrawn = 0'
/** One that was moved before says by how much, as others of its batch do: it gets another one. */
const IN_PLACE = 'first > :sent AND moved_by_ms = 0'
const MOVE = 'shift_ms = shift_ms + :by, offset_ms = offset_ms + :by'

/** Readings whose clock turned out to be wrong. */
export function openCorrections(deps: CorrectionsDeps): Corrections {
  const { database, book, fresh, sealed, hours, newest } = deps
  const moveFresh = database.prepare(`UPDATE fresh SET ${MOVE} WHERE ${WHERE} AND ${IN_PLACE}`)
  const moveSealed = database.prepare(
    `UPDATE sealed SET ${MOVE}, t_min = t_min + :by, t_max = t_max + :by WHERE ${WHERE} AND ${IN_PLACE}`,
  )
  const withdraw = (['fresh', 'sealed'] as const).map((table) =>
    database.prepare(
      `UPDATE ${table} SET withdrawn = 1, again_ms = :by, ${MOVE} WHERE ${WHERE} AND NOT (${IN_PLACE})`,
    ),
  )
  // Withdrawn by an earlier move and not stored again yet, or only sent: then they go further.
  const moveWithdrawn = (['fresh', 'sealed'] as const).map((table) =>
    database.prepare(`UPDATE ${table} SET again_ms = again_ms + :by, ${MOVE},
      moved_by_ms = iif(again_ms IS NULL AND moved_by_ms != 0, moved_by_ms + :by, moved_by_ms)
      WHERE boot = :boot AND offset_ms = :offset AND withdrawn = 1`),
  )
  const countFresh = database.prepare(`SELECT coalesce(sum(last - first + 1), 0) AS n,
    coalesce(sum(iif(${IN_PLACE}, last - first + 1, 0)), 0) AS in_place FROM fresh WHERE ${WHERE}`)
  const record = database.prepare(
    'INSERT INTO correction (at, boot, offset_ms, by_ms, in_place, again) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const records = database.prepare('SELECT * FROM correction ORDER BY id')
  const [oldestToDo, newestToDo] = (['first', 'first DESC'] as const).map((order) =>
    database.prepare(`SELECT * FROM fresh WHERE again_ms IS NOT NULL ORDER BY ${order} LIMIT ?`),
  )
  const freshDone = database.prepare(
    'UPDATE fresh SET again_ms = NULL, moved_by_ms = 0 WHERE first BETWEEN ? AND ?',
  )
  const sealedDone = database.prepare('UPDATE sealed SET again_ms = NULL, moved_by_ms = 0 WHERE first = ?')
  /** There may be some. */
  let isToDo = true

  const store = (head: PieceHead, runs: readonly SeriesRun[], done: () => void) => {
    const byMs = head.again_ms ?? 0
    // One that lands on the wrong time of another comes after that was withdrawn.
    const readings = runs.flatMap(readingsOf).sort((a, b) => (byMs > 0 ? b.t - a.t : a.t - b.t))
    // Moved before, and perhaps the cloud never heard of it: then it still stands where it stood first.
    const movedByMs = head.moved_by_ms === 0 ? [byMs] : [byMs, head.moved_by_ms + byMs]
    const stored: Arrival[] = []
    try {
      const parts = takeMoved({ readings, movedByMs, clock: clockOf(head) }, book, sealed, stored)
      const keep = database.transaction(() => {
        done()
        return deps.append(parts)
      })
      keep()
    } catch (error) {
      forgetArrivals(stored)
      throw error
    }
  }
  const storeSealed = (head: SealedHead) => {
    store(head, sealed.runs(head) ?? [], () => sealedDone.run(head.first))
    head.again_ms = null
    head.moved_by_ms = 0
  }
  /** In the order in which they are to be stored again. */
  const toDo = (isForward: boolean, limit: number) =>
    (isForward ? newestToDo : oldestToDo)?.all(limit) as unknown as FreshPiece[]
  const storeFresh = (isForward: boolean): void => {
    const gathered = gatherRuns()
    let head: FreshPiece | undefined
    let first = 0
    let last = 0
    let readings = 0
    for (const piece of toDo(isForward, PIECES_A_STEP)) {
      const isNext = isForward ? piece.last === first - 1 : piece.first === last + 1
      if (head && (!isAlike(head, piece) || !isNext || readings >= READINGS_A_STEP)) break
      first = head ? Math.min(first, piece.first) : piece.first
      last = Math.max(last, piece.last)
      head ??= piece
      readings += numbersOf(piece)
      gathered.add(fresh.read(piece) ?? [])
    }
    if (head) store(head, gathered.runs(), () => freshDone.run(first, last))
  }

  /** Whether readings of a clock, moved by so much, come to lie at or before the newest of all others. */
  const landsAmongOthers = (isOf: (head: PieceHead) => boolean, byMs: number): boolean => {
    let earliest = Number.MAX_SAFE_INTEGER
    let newest = 0
    for (const head of sealed.heads()) {
      if (head.withdrawn || head.count === 0) continue
      if (isOf(head)) earliest = Math.min(earliest, head.t_min)
      else newest = Math.max(newest, head.t_max)
    }
    for (const piece of fresh.after(0)) {
      if (piece.withdrawn) continue
      for (const { t } of fresh.read(piece) ?? []) {
        if (isOf(piece)) earliest = Math.min(earliest, t)
        else newest = Math.max(newest, t)
      }
    }
    return earliest + byMs <= newest
  }

  return {
    moveReadings({ boot, offsetMs, byMs, at }) {
      const clock = { boot, offset: offsetMs }
      const isOf = (head: PieceHead) =>
        head.boot === boot && head.offset_ms === offsetMs && head.withdrawn === 0
      const heads = sealed.heads().filter(isOf)
      // Among others they may meet a reading of the same time: then they go one by one, like those that were sent.
      const sent = landsAmongOthers(isOf, byMs) ? Number.MAX_SAFE_INTEGER : deps.sent()
      const moved = heads.filter(({ first, moved_by_ms }) => first > sent && moved_by_ms === 0)
      const count = (list: readonly SealedHead[]) => list.reduce((sum, head) => sum + head.count, 0)
      const freshCounts = countFresh.get({ ...clock, sent })
      const inPlace = count(moved) + Number(freshCounts?.['in_place'])
      const again = count(heads) + Number(freshCounts?.['n']) - inPlace
      database.transaction(() => {
        for (const { t_min, t_max } of heads) hours.spoil(t_min, t_max)
        for (const { t_min, t_max } of moved) hours.spoil(t_min + byMs, t_max + byMs)
        newest.move({ boot, offsetMs }, byMs, Math.max(0, ...moved.map(({ t_max }) => t_max + byMs)))
        for (const statement of moveWithdrawn) statement.run({ ...clock, by: byMs })
        for (const statement of withdraw) statement.run({ ...clock, by: byMs, sent })
        for (const statement of [moveFresh, moveSealed]) statement.run({ ...clock, by: byMs, sent })
        if (inPlace + again > 0) record.run(at ?? null, boot, offsetMs, byMs, inPlace, again)
      })
      isToDo = true
      deps.reload()
      return { ...(at !== undefined && { at }), boot, offsetMs, byMs, inPlace, again }
    },
    corrections: () =>
      (records.all() as unknown as Row[]).map(
        ({ at, boot, offset_ms, by_ms, in_place, again }): Correction => ({
          ...(at !== null && { at }),
          ...{ boot, offsetMs: offset_ms, byMs: by_ms, inPlace: in_place, again },
        }),
      ),
    storeAgain() {
      if (!isToDo) return false
      const heads = sealed.heads().filter(({ again_ms }) => again_ms !== null)
      const [newestFresh] = toDo(true, 1)
      const newest = newestFresh ?? heads.at(-1)
      if (!newest) {
        isToDo = false
        return false
      }
      // What goes forward begins with the newest, what goes back with the oldest: so none lands on the wrong time of
      // another that is still to be withdrawn.
      const isForward = (newest.again_ms ?? 0) > 0
      const head = isForward ? heads.at(-1) : heads[0]
      if (head && !(isForward && newestFresh)) storeSealed(head)
      else storeFresh(isForward)
      return true
    },
  }
}
