import { ColumnsMistake } from '#domain/columns/bytes.ts'
import type { SeriesRun } from '#domain/columns/runs.ts'
import type { Series } from '#domain/reading.ts'
import type { Database } from '#sqlite-file/database.ts'
import { numbersOf, type PieceHead } from './piece-head.ts'
import { createPiecesAtHand, type TimesAndValues } from './pieces-at-hand.ts'
import { piecesByDay } from './pieces-by-day.ts'
import { unpackedBytes, unpackSealed } from './sealed-body.ts'
import type { SeriesBook, StoredSeries } from './series-book.ts'
import { positionOf } from './timed-run.ts'

/** A sealed piece without its body. */
export type SealedHead = PieceHead & {
  count: number
  thinned: number
  damaged: number
  t_min: number
  t_max: number
  /** The batch it goes to the cloud with. */
  batch_first: number
  batch_last: number
}

export type SealedPieces = {
  heads(): readonly SealedHead[]
  /** The piece that ends after `number` and begins first. */
  after(number: number): SealedHead | undefined
  /** The pieces of a batch that are still kept. */
  ofBatch(first: number): SealedHead[]
  /** Its bytes, checked; undefined, told once, where they are damaged. */
  bytes(head: SealedHead): Uint8Array | undefined
  /** What it holds, at its right times; undefined, told once, where it is damaged. */
  runs(head: SealedHead): SeriesRun[] | undefined
  /** The same, of one series alone. */
  runsOf(head: SealedHead, entry: StoredSeries): SeriesRun[]
  /** Pieces that count, with readings in from ≤ t < to. */
  between(from: number, to: number): SealedHead[]
  /** The times and values of a piece by the ids of its series. */
  atHand(head: SealedHead): ReadonlyMap<number, TimesAndValues>
  /** Reads at most so many of these, for `atHand` to have them. True when it has them all. */
  takeToHand(heads: readonly SealedHead[], most: number): boolean
  /** The value of a series at this very time, in units of the metric's last decimal. */
  valueAt(entry: StoredSeries, t: number): number | undefined
  /** The latest time in any of them that counts. */
  newestT(): number
  lastNumber(): number
  /** It cannot be read and was never sent: from now on its readings count as damaged. */
  lose(head: SealedHead): void
  /** Call inside a transaction, and `added` once it is durable. */
  insert(head: SealedHead, body: Uint8Array): void
  added(head: SealedHead): void
  reload(): void
}

const HEAD = `first, last, boot, offset_ms, shift_ms, moved_by_ms, withdrawn, again_ms, aside,
  count, thinned, damaged, t_min, t_max, batch_first, batch_last`

export function openSealedPieces(
  database: Database,
  book: SeriesBook,
  onDamaged: (what: string, readings: number) => void,
): SealedPieces {
  const allHeads = database.prepare(`SELECT ${HEAD} FROM sealed ORDER BY first`)
  const bodyOf = database.prepare('SELECT body FROM sealed WHERE first = ?')
  const insert = database.prepare(`INSERT INTO sealed (${HEAD}, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const lose = database.prepare('UPDATE sealed SET damaged = damaged + count, count = 0 WHERE first = ?')
  const read = () => allHeads.all() as unknown as SealedHead[]
  let heads = read()
  const told = new Set<number>()

  const newestOf = () =>
    heads.reduce((newest, { withdrawn, t_max }) => (withdrawn ? newest : Math.max(newest, t_max)), 0)
  let newestT = newestOf()

  const reading = <T>(head: SealedHead, read: (body: Uint8Array) => T): T | undefined => {
    const body = bodyOf.get(head.first)?.['body']
    try {
      if (!(body instanceof Uint8Array)) throw new ColumnsMistake('it is gone')
      return read(body)
    } catch (error) {
      if (!(error instanceof ColumnsMistake)) throw error
      if (!told.has(head.first)) {
        told.add(head.first)
        onDamaged(`numbers ${head.first} to ${head.last}: ${error.message}`, head.count)
      }
      return undefined
    }
  }
  const runs = (head: SealedHead, wanted?: Series): SeriesRun[] | undefined =>
    reading(head, (body) => {
      const found = unpackSealed(body, numbersOf(head), wanted)
      if (head.shift_ms !== 0) for (const run of found) run.t = run.t.map((time) => time + head.shift_ms)
      return found
    })

  const hand = createPiecesAtHand(book, (head: SealedHead) => runs(head) ?? [])
  let byDay = piecesByDay(heads)

  return {
    heads: () => heads,
    after: (number) => heads[firstAfter(heads, number)],
    ofBatch(first) {
      const found: SealedHead[] = []
      for (let index = firstAfter(heads, first - 1); heads[index]?.batch_first === first; index++)
        found.push(heads[index] as SealedHead)
      return found
    },
    bytes: (head) =>
      reading(head, (body) => {
        unpackedBytes(body)
        return body
      }),
    runs: (head) => runs(head),
    runsOf: (head, { series }) => runs(head, series) ?? [],
    between: (from, to) =>
      heads.filter(({ withdrawn, t_min, t_max }) => !withdrawn && t_min < to && t_max >= from),
    valueAt({ id }, time) {
      for (const head of byDay.at(time)) {
        if (head.withdrawn || time < head.t_min || time > head.t_max || !hand.mayHold(head, id)) continue
        const run = hand.of(head).get(id)
        if (!run) continue
        const position = positionOf(run.t, time)
        if (run.t[position] === time) return run.v[position]
      }
      return undefined
    },
    atHand: hand.of,
    takeToHand: hand.take,
    newestT: () => newestT,
    lastNumber: () => heads.at(-1)?.last ?? 0,
    lose(head) {
      if (head.count === 0) return
      lose.run(head.first)
      head.damaged += head.count
      head.count = 0
    },
    insert(head, body) {
      const { first, last, boot, offset_ms, shift_ms, moved_by_ms, withdrawn, again_ms, aside } = head
      const { count, thinned, damaged, t_min, t_max, batch_first, batch_last } = head
      insert.run(
        ...[first, last, boot, offset_ms, shift_ms, moved_by_ms, withdrawn, again_ms, aside],
        ...[count, thinned, damaged, t_min, t_max, batch_first, batch_last, body],
      )
    },
    added(head) {
      heads.push(head)
      byDay.add(head)
      if (!head.withdrawn) newestT = Math.max(newestT, head.t_max)
    },
    reload() {
      heads = read()
      newestT = newestOf()
      byDay = piecesByDay(heads)
      hand.clear()
    },
  }
}

/** By bisection: pieces lie in the order of their numbers. */
function firstAfter(heads: readonly SealedHead[], number: number): number {
  let low = 0
  let high = heads.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((heads[middle] as SealedHead).last <= number) low = middle + 1
    else high = middle
  }
  return low
}
