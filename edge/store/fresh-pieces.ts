import { crc32 } from 'node:zlib'
import type { ClockStamp } from '#domain/columns/batch-header.ts'
import { ColumnsMistake } from '#domain/columns/bytes.ts'
import type { Database } from '#sqlite-file/database.ts'
import { type Arrival, decodeFresh, encodeFresh } from './fresh-body.ts'
import { numbersOf, type PieceHead } from './piece-head.ts'
import type { SeriesBook } from './series-book.ts'

/** One committed group, or what is left of it. */
export type FreshPiece = PieceHead & { checksum: number; body: Uint8Array }

export type FreshPieces = {
  /** Numbered from `first` on. Call inside a transaction. */
  insert(first: number, arrivals: readonly Arrival[], stamp: Stamp): void
  /** Pieces that end after `number`, in order. Do not write while it runs. */
  after(number: number): Iterable<FreshPiece>
  /** At most `limit` of them at once, so that others may write in between. */
  listAfter(number: number, limit: number): FreshPiece[]
  /** What it holds, at its right times; undefined, told once, where it is damaged. */
  read(piece: FreshPiece): Arrival[] | undefined
  /** Call inside a transaction. */
  remove(first: number, last: number): void
  /** 0 when there is none. */
  lastNumber(): number
  /** Numbers in all pieces. */
  count(): number
}

/** `isOnlySent`: the store has these elsewhere, they only tell the cloud where they stood before. */
export type Stamp = { clock: ClockStamp | undefined; movedByMs: number; isOnlySent: boolean }

/** A group is smaller, unless the disk had been full. */
const MAX_READINGS = 5_000

export function openFreshPieces(
  database: Database,
  book: SeriesBook,
  onDamaged: (what: string, readings: number) => void,
): FreshPieces {
  const insert = database.prepare(
    `INSERT INTO fresh (first, last, boot, offset_ms, moved_by_ms, withdrawn, checksum, body)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  // `last` has no index: the piece around a number is the one that begins at or before the next.
  const start = database.prepare('SELECT max(first) AS first FROM fresh WHERE first <= ?')
  const from = database.prepare('SELECT * FROM fresh WHERE first >= ? AND last > ? ORDER BY first LIMIT ?')
  const remove = database.prepare('DELETE FROM fresh WHERE first BETWEEN ? AND ?')
  const last = database.prepare('SELECT last FROM fresh ORDER BY first DESC LIMIT 1')
  const count = database.prepare('SELECT coalesce(sum(last - first + 1), 0) AS n FROM fresh')
  const told = new Set<number>()

  const startOf = (number: number) => Number(start.get(number + 1)?.['first'] ?? 0)
  return {
    insert(first, arrivals, { clock, movedByMs, isOnlySent }) {
      const { boot = null, offsetMs = null } = clock ?? {}
      let number = first
      for (let start = 0; start < arrivals.length; start += MAX_READINGS) {
        const part = arrivals.slice(start, start + MAX_READINGS)
        const body = encodeFresh(part)
        insert.run(
          ...[number, number + part.length - 1, boot, offsetMs, movedByMs],
          ...[Number(isOnlySent), crc32(body), body],
        )
        number += part.length
      }
    },
    after: (number) => from.iterate(startOf(number), number, -1) as unknown as Iterable<FreshPiece>,
    listAfter: (number, limit) => from.all(startOf(number), number, limit) as unknown as FreshPiece[],
    read(piece) {
      try {
        if (crc32(piece.body) !== piece.checksum) throw new ColumnsMistake('the checksum fails')
        return decodeFresh(piece.body, numbersOf(piece), piece.shift_ms, book)
      } catch (error) {
        if (!(error instanceof ColumnsMistake)) throw error
        if (!told.has(piece.first)) {
          told.add(piece.first)
          onDamaged(`numbers ${piece.first} to ${piece.last}: ${error.message}`, numbersOf(piece))
        }
        return undefined
      }
    },
    remove(first, last) {
      remove.run(first, last)
    },
    lastNumber: () => Number(last.get()?.['last'] ?? 0),
    count: () => Number(count.get()?.['n']),
  }
}
