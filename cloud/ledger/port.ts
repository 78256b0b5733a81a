import type { CountedDay, EdgeLedger, Gaps, LedgerDay, LedgerStatement, StreamDay } from '#domain/ledger.ts'

/** What the boxes said of their days, and what the cloud counted itself. */
export type LedgerBook = {
  /** Takes the place of what was said of that day; its streams are to be counted anew. */
  say(edge: string, statement: LedgerStatement, now: number): Promise<void>
  /** Some stream days that nobody has counted since the box's last word. */
  uncounted(limit: number): Promise<UncountedDay[]>
  /** Nothing happens when the box has spoken again since. */
  count(day: UncountedDay, counted: { inCloud: number } & Gaps): Promise<void>
  /** Days from … to, both in it, oldest first. */
  read(edge: string, from: string, to: string): Promise<LedgerRows>
}

/** `toldAt` tells a later word of the box from this one: UTC ms of the cloud. */
export type UncountedDay = {
  edge: string
  farm: string
  day: string
  toldAt: number
  stream: Pick<StreamDay, 'house' | 'device' | 'metric' | 'source' | 'by'>
}

export type LedgerRows = {
  numbers: EdgeLedger['numbers']
  days: Pick<LedgerDay, 'day' | 'longestOfflineMs' | 'damaged' | 'toldAt'>[]
  streams: CountedDay[]
}
