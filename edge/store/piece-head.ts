import type { ClockStamp } from '#domain/columns/batch-header.ts'

/** What the tables `fresh` and `sealed` have in common (./store-layout.ts). */
export type PieceHead = {
  first: number
  last: number
  boot: string | null
  offset_ms: number | null
  shift_ms: number
  moved_by_ms: number
  withdrawn: number
  again_ms: number | null
  aside: string | null
}

type Clock = Pick<PieceHead, 'boot' | 'offset_ms'>

export function clockOf({ boot, offset_ms }: Clock): ClockStamp | undefined {
  return boot === null || offset_ms === null ? undefined : { boot, offsetMs: offset_ms }
}

function isOfOneClock(a: Clock, b: Clock): boolean {
  return a.boot === b.boot && a.offset_ms === b.offset_ms
}

/** The clock of all of them, where it is one. */
export function commonClock(heads: readonly Clock[]): ClockStamp | undefined {
  const [first] = heads
  return first && heads.every((head) => isOfOneClock(first, head)) ? clockOf(first) : undefined
}

/** Pieces that can go to the cloud in one batch: clocks may differ, unless what says how far they were moved may change. */
export function isSentAlike(a: PieceHead, b: PieceHead): boolean {
  return (
    (a.moved_by_ms === 0 || isOfOneClock(a, b)) &&
    a.moved_by_ms === b.moved_by_ms &&
    a.withdrawn === b.withdrawn &&
    a.again_ms === b.again_ms &&
    a.aside === b.aside
  )
}

/** Pieces of which one can be made. */
export function isAlike(a: PieceHead, b: PieceHead): boolean {
  return isOfOneClock(a, b) && isSentAlike(a, b)
}

/**
 * Nothing of it goes to the cloud: what it holds is stored again. One that is withdrawn and says what was moved is only
 * sent (./moved-parts.ts).
 */
export function isSilent({ withdrawn, again_ms, moved_by_ms }: PieceHead): boolean {
  return withdrawn !== 0 && (again_ms !== null || moved_by_ms === 0)
}

export function numbersOf({ first, last }: Pick<PieceHead, 'first' | 'last'>): number {
  return last - first + 1
}
