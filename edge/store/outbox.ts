import type { SeriesRun } from '#domain/columns/runs.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { EdgeStore, ReadingsPiece } from './edge-store.ts'
import type { FreshPiece, FreshPieces } from './fresh-pieces.ts'
import { gatherRuns } from './gathered-runs.ts'
import { commonClock, isSentAlike, isSilent, numbersOf, type PieceHead } from './piece-head.ts'
import type { SealedHead, SealedPieces } from './sealed-pieces.ts'
import { mergedRuns } from './timed-run.ts'

/** What goes to the cloud, in the order of the numbers. */
export type Outbox = Pick<EdgeStore, 'readingsAfter' | 'setPieceAside' | 'piecesAside'> & {
  /** The highest number that may have been sent. */
  sent(): number
}

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
  const sealedAside = database.prepare('UPDATE sealed SET aside = ? WHERE batch_first = ?')
  const freshLeftAside = database.prepare(
    'SELECT first AS "from", last AS "to", aside AS why FROM fresh WHERE aside IS NOT NULL ORDER BY first',
  )
  // What an earlier life of the program sent is not known: it may have been all.
  let sent = lastNumber

  /** The batch of a piece as it lies here: the pieces of several clocks and days become one again. */
  const sealedBatch = ({ batch_first: from, batch_last: to }: SealedHead): ReadingsPiece => {
    const heads = sealed.ofBatch(from)
    const clock = commonClock(heads)
    const movedByMs = heads.find((head) => !isSilent(head))?.moved_by_ms ?? 0
    const kept = heads.reduce((sum, head) => sum + numbersOf(head), 0)
    const batch = {
      ...{ from, to, ...(clock && { clock }), movedByMs },
      // A piece that is gone made room.
      thinned: to - from + 1 - kept,
      ...{ damaged: 0, aside: 0, count: 0 },
    }
    const [only] = heads
    const bytes = only && heads.length === 1 ? bytesOf(only) : undefined
    const all: SeriesRun[] = []
    for (const head of heads) {
      const { withdrawn, aside, count } = head
      if (aside !== null) batch.aside += withdrawn ? 0 : count
      else if (!isSilent(head) && !bytes) {
        const runs = sealed.runs(head)
        if (runs) for (const run of runs) all.push(run)
        else sealed.lose(head)
      }
      batch.thinned += head.thinned
      batch.damaged += head.damaged
      if (aside === null && !isSilent(head)) batch.count += head.count
    }
    return { ...batch, body: bytes ? { kind: 'sealed', bytes } : { kind: 'fresh', runs: mergedRuns(all) } }
  }
  /** Where they can go as they are. */
  const bytesOf = (head: SealedHead): Uint8Array | undefined =>
    isSilent(head) || head.aside !== null || head.shift_ms !== 0 ? undefined : sealed.bytes(head)

  const freshPiece = (number: number, maxReadings: number): ReadingsPiece | undefined => {
    const gathered = gatherRuns()
    const clocks: Pick<PieceHead, 'boot' | 'offset_ms'>[] = []
    let head: FreshPiece | undefined
    let to = 0
    let numbers = 0
    let damaged = 0
    for (const piece of fresh.after(number)) {
      if (head && (!isSentAlike(head, piece) || numbers + numbersOf(piece) > maxReadings)) break
      head ??= piece
      clocks.push({ boot: piece.boot, offset_ms: piece.offset_ms })
      to = piece.last
      numbers += numbersOf(piece)
      if (isSilent(piece) || piece.aside !== null) continue
      const arrivals = fresh.read(piece)
      if (arrivals) gathered.add(arrivals)
      else damaged += numbersOf(piece)
    }
    if (!head) return undefined
    const aside = head.aside === null || head.withdrawn ? 0 : numbers
    const clock = commonClock(clocks)
    return {
      ...{ from: head.first, to, ...(clock && { clock }), movedByMs: head.moved_by_ms },
      thinned: 0,
      damaged,
      aside,
      count: gathered.count(),
      body: { kind: 'fresh', runs: gathered.runs() },
    }
  }

  return {
    sent() {
      // Of a batch that was sealed since, any reading may have been sent.
      const head = sealed.after(sent - 1)
      return head && head.batch_first <= sent ? Math.max(sent, head.batch_last) : sent
    },
    readingsAfter(number, maxReadings) {
      const head = sealed.after(number)
      const piece = head ? sealedBatch(head) : freshPiece(number, maxReadings)
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
          body: { kind: 'fresh', runs: [] },
        }
      }
      sent = Math.max(sent, piece.to)
      return piece
    },
    setPieceAside({ from, to }, why) {
      const head = sealed.after(from - 1)
      if (head) {
        if (head.batch_first !== from || head.batch_last !== to) return false
        sealedAside.run(why, from)
        for (const piece of sealed.ofBatch(from)) piece.aside = why
        return true
      }
      const ends = Number(freshEnds.get({ from, to })?.['n'])
      const isOne = ends === 1 && freshPiece(from - 1, 0)?.to === to
      if (ends !== 2 && !isOne) return false
      freshAside.run(why, from, to)
      return true
    },
    piecesAside: () => [
      ...new Map(
        sealed.heads().flatMap(({ batch_first: from, batch_last: to, aside }) => {
          return aside === null ? [] : [[from, { from, to, why: aside }] as const]
        }),
      ).values(),
      ...(freshLeftAside.all() as unknown as { from: number; to: number; why: string }[]),
    ],
  }
}
