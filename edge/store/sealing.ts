import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from '#sqlite-file/database.ts'
import type { FreshPiece, FreshPieces } from './fresh-pieces.ts'
import { type GatheredRuns, gatherRuns } from './gathered-runs.ts'
import type { Hours } from './hours.ts'
import type { NewestTable } from './newest.ts'
import { isAlike, numbersOf } from './piece-head.ts'
import { packSealed } from './sealed-body.ts'
import type { SealedHead, SealedPieces } from './sealed-pieces.ts'
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
  gathered: GatheredRuns
  /** What stands behind it is of another kind, so it can be sealed as well. */
  isCut: boolean
}

/**
 * Merges fresh pieces, from the oldest on, into a sealed one: many small rows with steps that repeat become one body
 * that packs well. Never across what the cloud has acknowledged, so that nothing is sent twice for it. The fresh go
 * and the sealed comes in one transaction. `all`: also less than `ENOUGH`.
 */
export async function sealNext(deps: SealingDeps, all: boolean): Promise<'more' | 'done'> {
  const { database, fresh, sealed, hours, newest } = deps
  if (!all && deps.waiting() < ENOUGH) return 'done'
  const version = deps.version()
  const batch = await gather(deps)
  if (!batch) return 'done'
  const { head, last, gathered, isCut } = batch
  await nextTurn()
  const runs = gathered.runs()
  const body = await packSealed(runs)
  await nextTurn()
  if (deps.version() !== version) return 'more'
  const piece = headOf(batch)
  database.transaction(() => {
    fresh.remove(head.first, last)
    sealed.insert(piece, body)
    if (head.withdrawn) return
    hours.add(runs)
    for (const [entry, { t }] of gathered.entries()) {
      const upto = Math.max(entry.upto, t.at(-1) as number)
      if (entry.newest) newest.write(entry, entry.newest, upto)
    }
  })
  sealed.added(piece)
  if (!head.withdrawn) {
    for (const [entry, { t }] of gathered.entries()) {
      removeTimes(entry.fresh, t)
      entry.upto = Math.max(entry.upto, t.at(-1) as number)
    }
  }
  deps.onSealed(numbersOf(piece))
  return deps.waiting() >= ENOUGH || (all && isCut) ? 'more' : 'done'
}

async function gather({ fresh, watermark }: SealingDeps): Promise<Batch | undefined> {
  const acknowledged = watermark()
  const gathered = gatherRuns()
  let batch: Batch | undefined
  let sinceTurn = 0
  for (;;) {
    const pieces = fresh.listAfter(batch?.last ?? 0, PIECES_A_TURN)
    if (pieces.length === 0) return batch
    for (const piece of pieces) {
      if (batch) {
        if (batch.last <= acknowledged && piece.first > acknowledged) return batch
        if (batch.last - batch.head.first + 1 >= ENOUGH || !isAlike(batch.head, piece)) {
          batch.isCut = true
          return batch
        }
      }
      batch ??= { head: piece, last: 0, damaged: 0, gathered, isCut: false }
      batch.last = piece.last
      const arrivals = fresh.read(piece)
      if (arrivals) gathered.add(arrivals)
      else batch.damaged += numbersOf(piece)
      sinceTurn += numbersOf(piece)
      if (sinceTurn < READINGS_A_TURN) continue
      sinceTurn = 0
      await nextTurn()
    }
    await nextTurn()
  }
}

function headOf({ head, last, damaged, gathered }: Batch): SealedHead {
  const { first, boot, offset_ms, moved_by_ms, withdrawn, again_ms, aside } = head
  const times = gathered.entries().map(([, { t }]) => t)
  const count = gathered.count()
  const from = times.reduce((low, t) => Math.min(low, t[0] as number), Number.MAX_SAFE_INTEGER)
  const to = times.reduce((high, t) => Math.max(high, t.at(-1) as number), 0)
  return {
    ...{ first, last, boot, offset_ms, shift_ms: 0, moved_by_ms, withdrawn, again_ms, aside },
    ...{ count, thinned: 0, damaged, t_min: count === 0 ? 0 : from, t_max: to },
  }
}
