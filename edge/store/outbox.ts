import type { Database } from '#sqlite-file/database.ts'
import type { EdgeStore, ReadingsPiece } from './edge-store.ts'
import type { FreshPiece, FreshPieces } from './fresh-pieces.ts'
import { gatherRuns } from './gathered-runs.ts'
import { clockOf, isAlike, numbersOf, type PieceHead } from './piece-head.ts'
import type { SealedHead, SealedPieces } from './sealed-pieces.ts'

/** What goes to the cloud, in the order of the numbers. */
export type Outbox = Pick<EdgeStore, 'readingsAfter' | 'setPieceAside' | 'piecesAside'> & {
  /** The highest number that may have been sent. */
  sent(): number
}

const nothing = { kind: 'fresh' as const, runs: [] }

export function openOutbox(
  database: Database,
  fresh: FreshPieces,
  sealed: SealedPieces,
  lastNumber: number,
): Outbox {
  const freshEnds = database.prepare(
    'SELECT count(*) AS n FROM fresh WHERE first = :from OR (last = :to AND first BETWEEN :from AND :to)',
  )
  const freshAside = database.prepare('UPDATE fresh SET aside = ? WHERE first BETWEEN ? AND ?')
  const sealedAside = database.prepare('UPDATE sealed SET aside = ? WHERE first = ?')
  const freshLeftAside = database.prepare(
    'SELECT first AS "from", last AS "to", aside AS why FROM fresh WHERE aside IS NOT NULL ORDER BY first',
  )
  // What an earlier life of the program sent is not known: it may have been all.
  let sent = lastNumber

  const sealedPiece = (head: SealedHead): ReadingsPiece => {
    const { thinned, damaged, count } = head
    const piece = { ...spanOf(head, head.last), thinned, damaged, aside: 0, count: 0, body: nothing }
    if (head.withdrawn) return piece
    if (head.aside !== null) return { ...piece, aside: count }
    if (head.shift_ms === 0) {
      const bytes = sealed.bytes(head)
      if (bytes) return { ...piece, count, body: { kind: 'sealed', bytes } }
    } else {
      const runs = sealed.runs(head)
      if (runs) return { ...piece, count, body: { kind: 'fresh', runs } }
    }
    sealed.lose(head)
    return { ...piece, damaged: head.damaged }
  }

  const freshPiece = (number: number, maxReadings: number): ReadingsPiece | undefined => {
    const gathered = gatherRuns()
    let head: FreshPiece | undefined
    let to = 0
    let numbers = 0
    let damaged = 0
    for (const piece of fresh.after(number)) {
      if (head && (!isAlike(head, piece) || numbers + numbersOf(piece) > maxReadings)) break
      head ??= piece
      to = piece.last
      numbers += numbersOf(piece)
      if (piece.withdrawn || piece.aside !== null) continue
      const arrivals = fresh.read(piece)
      if (arrivals) gathered.add(arrivals)
      else damaged += numbersOf(piece)
    }
    if (!head) return undefined
    const aside = head.aside === null || head.withdrawn ? 0 : numbers
    return {
      ...spanOf(head, to),
      thinned: 0,
      damaged,
      aside,
      count: gathered.count(),
      body: { kind: 'fresh', runs: gathered.runs() },
    }
  }

  return {
    sent: () => sent,
    readingsAfter(number, maxReadings) {
      const head = sealed.after(number)
      const piece = head ? sealedPiece(head) : freshPiece(number, maxReadings)
      if (!piece) return undefined
      if (piece.from > number + 1) {
        // What was before it is no longer kept.
        const to = piece.from - 1
        return {
          from: number + 1,
          to,
          movedByMs: 0,
          thinned: to - number,
          damaged: 0,
          aside: 0,
          count: 0,
          body: nothing,
        }
      }
      sent = Math.max(sent, piece.to)
      return piece
    },
    setPieceAside({ from, to }, why) {
      const head = sealed.after(from - 1)
      if (head) {
        if (head.first !== from || head.last !== to) return false
        sealedAside.run(why, from)
        head.aside = why
        return true
      }
      const ends = Number(freshEnds.get({ from, to })?.['n'])
      const isOne = ends === 1 && freshPiece(from - 1, 0)?.to === to
      if (ends !== 2 && !isOne) return false
      freshAside.run(why, from, to)
      return true
    },
    piecesAside: () => [
      ...sealed
        .heads()
        .flatMap(({ first, last, aside }) => (aside === null ? [] : [{ from: first, to: last, why: aside }])),
      ...(freshLeftAside.all() as unknown as { from: number; to: number; why: string }[]),
    ],
  }
}

function spanOf(head: PieceHead, to: number): Pick<ReadingsPiece, 'from' | 'to' | 'clock' | 'movedByMs'> {
  const clock = clockOf(head)
  return { from: head.first, to, ...(clock && { clock }), movedByMs: head.moved_by_ms }
}
