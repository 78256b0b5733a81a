import type { CountedDay, EdgeLedger, Gaps, LedgerDay, LedgerStatement, StreamDay } from '#domain/ledger.ts'

/** What the boxes said of their days, and what the cloud counted itself. It stays when a box is retired. */
export type LedgerBook = {
  /**
   * Takes the place of what was said of that day; its streams are to be counted anew. Sensors of the day before that
   * the statement does not name are in it with nothing: they fell silent.
   */
  say(edge: { id: string; farm: string }, statement: LedgerStatement, now: number): Promise<void>
  /** Some stream days that are to be counted; those that could not be, last. */
  uncounted(limit: number): Promise<UncountedDay[]>
  /** Nothing happens when the box has spoken again since. */
  count(day: UncountedDay, counted: { inCloud: number } & Gaps, now: number): Promise<void>
  /** It could not be counted: the others come first. */
  putOff(day: UncountedDay): Promise<void>
  /** What the cloud had then it may have lost since: days from … to that were counted before are counted again. */
  countAgain(edge: string, from: string, to: string, countedBefore: number): Promise<void>
  /** The boxes of a farm that have said something. */
  edges(farm: string): Promise<string[]>
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
