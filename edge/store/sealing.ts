import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from '#sqlite-file/database.ts'
import type { FreshPiece, FreshPieces } from './fresh-pieces.ts'
import { type GatheredParts, gatherParts, type Part } from './gathered-parts.ts'
import { gatherRuns } from './gathered-runs.ts'
import type { Hours } from './hours.ts'
import type { NewestTable } from './newest.ts'
import { isSentAlike, numbersOf } from './piece-head.ts'
import { packSealed } from './sealed-body.ts'
import type { SealedHead, SealedPieces } from './sealed-pieces.ts'
import type { StoredSeries } from './series-book.ts'
import { removeTimes } from './timed-run.ts'

export type SealingDeps = {
  database: Database
  fresh: FreshPieces
  sealed: SealedPieces
  hours: Hours
  newest: NewestTable
  /** What the cloud has acknowledged. */
  watermark(): number
  /** Numbers that are not sealed. */
  waiting(): number
  /** Changes when fresh pieces are not what they were. */
  version(): number
  /** That many fewer are waiting. */
  onSealed(numbers: number): void
}

/** Readings that make a sealed piece: an hour of six houses at full rate is 21,600. */
const ENOUGH = 20_000
/** Read between two turns of the event loop: a few milliseconds. */
const PIECES_A_TURN = 100
const READINGS_A_TURN = 2_000

type Batch = {
  head: FreshPiece
  last: number
  damaged: number
  gathered: GatheredParts
  /** What stands behind it is of another kind, so it can be sealed as well. */
  isCut: boolean
}

/**
 * Merges fresh pieces, from the oldest on, into sealed ones: many small rows with steps that repeat become few bodies
 * that pack well, one for each clock and day. Never across what the cloud has acknowledged, so that nothing is sent
 * twice for it. The fresh go and the sealed come in one transaction. `all`: also less than `ENOUGH`.
 */
export async function sealNext(deps: SealingDeps, all: boolean): Promise<'more' | 'done'> {
  const { database, fresh, sealed, hours, newest } = deps
  if (!all && deps.waiting() < ENOUGH) return 'done'
  const version = deps.version()
  const batch = await gather(deps)
  if (!batch) return 'done'
  const { head, last, isCut } = batch
  const pieces: { head: SealedHead; part: Part; body: Uint8Array }[] = []
  for (const [part, partHead] of headsOf(batch)) {
    await nextTurn()
    pieces.push({ head: partHead, part, body: await packSealed(part.gathered.runs()) })
  }
  await nextTurn()
  if (deps.version() !== version) return 'more'
  const entries = head.withdrawn ? [] : pieces.flatMap(({ part }) => part.gathered.entries())
  const upto = new Map<StoredSeries, number>()
  for (const [entry, { t }] of entries)
    upto.set(entry, Math.max(upto.get(entry) ?? entry.upto, t.at(-1) as number))
  database.transaction(() => {
    fresh.remove(head.first, last)
    for (const { head, part, body } of pieces) {
      sealed.insert(head, body)
      if (!head.withdrawn) hours.add(part.gathered.runs())
    }
    for (const [entry, time] of upto) if (entry.newest) newest.write(entry, entry.newest, time)
  })
  for (const { head } of pieces) sealed.added(head)
  for (const [entry, { t }] of entries) removeTimes(entry.fresh, t)
  for (const [entry, time] of upto) entry.upto = time
  deps.onSealed(last - head.first + 1)
  return deps.waiting() >= ENOUGH || (all && isCut) ? 'more' : 'done'
}

async function gather({ fresh, watermark }: SealingDeps): Promise<Batch | undefined> {
  const acknowledged = watermark()
  const gathered = gatherParts()
  let batch: Batch | undefined
  let sinceTurn = 0
  for (;;) {
    const pieces = fresh.listAfter(batch?.last ?? 0, PIECES_A_TURN)
    if (pieces.length === 0) return batch
    for (const piece of pieces) {
      if (batch) {
        if (batch.last <= acknowledged && piece.first > acknowledged) return batch
        if (batch.last - batch.head.first + 1 >= ENOUGH || !isSentAlike(batch.head, piece)) {
          batch.isCut = true
          return batch
        }
      }
      batch ??= { head: piece, last: 0, damaged: 0, gathered, isCut: false }
      batch.last = piece.last
      const arrivals = fresh.read(piece)
      if (arrivals) gathered.add(piece, arrivals)
      else batch.damaged += numbersOf(piece)
      sinceTurn += numbersOf(piece)
      if (sinceTurn < READINGS_A_TURN) continue
      sinceTurn = 0
      await nextTurn()
    }
    await nextTurn()
  }
}

/** Each part gets as many of the batch's numbers as it has readings; the last one those that have none. */
function headsOf({ head, last, damaged, gathered }: Batch): [Part, SealedHead][] {
  const { first, moved_by_ms, withdrawn, again_ms, aside } = head
  const parts = gathered.parts()
  if (parts.length === 0) parts.push({ clock: head, day: 0, gathered: gatherRuns() })
  let number = first
  return parts.map((part, index): [Part, SealedHead] => {
    const isLast = index === parts.length - 1
    const { boot, offset_ms } = part.clock
    const times = part.gathered.entries().map(([, { t }]) => t)
    const count = part.gathered.count()
    const from = times.reduce((low, t) => Math.min(low, t[0] as number), Number.MAX_SAFE_INTEGER)
    const to = times.reduce((high, t) => Math.max(high, t.at(-1) as number), 0)
    const piece = {
      ...{ first: number, last: isLast ? last : number + count - 1, batch_first: first, batch_last: last },
      ...{ boot, offset_ms, shift_ms: 0, moved_by_ms, withdrawn, again_ms, aside },
      ...{ count, thinned: 0, damaged: isLast ? damaged : 0, t_min: count === 0 ? 0 : from, t_max: to },
    }
    number += count
    return [part, piece]
  })
}
