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

export function clockOf({ boot, offset_ms }: Pick<PieceHead, 'boot' | 'offset_ms'>): ClockStamp | undefined {
  return boot === null || offset_ms === null ? undefined : { boot, offsetMs: offset_ms }
}

/** Pieces that can go as one. */
export function isAlike(a: PieceHead, b: PieceHead): boolean {
  return (
    a.boot === b.boot &&
    a.offset_ms === b.offset_ms &&
    a.moved_by_ms === b.moved_by_ms &&
    a.withdrawn === b.withdrawn &&
    a.again_ms === b.again_ms &&
    a.aside === b.aside
  )
}

export function numbersOf({ first, last }: Pick<PieceHead, 'first' | 'last'>): number {
  return last - first + 1
}
