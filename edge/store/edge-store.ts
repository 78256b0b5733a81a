import type { AlarmEvent } from '#domain/alarm.ts'
import type { ClockStamp } from '#domain/columns/batch-header.ts'
import type { SeriesRun } from '#domain/columns/runs.ts'
import type { StreamDay } from '#domain/ledger.ts'
import type { Reading, Series } from '#domain/reading.ts'
import type { LaneName } from '#domain/sync.ts'

import type { Room } from './room.ts'

export { type LaneName, lanes } from '#domain/sync.ts'

/** What one transaction stores. `clock` is the one that stamped all of its readings. */
export type Group = {
  readings: readonly Reading[]
  events: readonly AlarmEvent[]
  clock?: ClockStamp
  /** For readings whose sender said another time, which could not be: what it said. By that it is known if it comes again. */
  claims?: ReadonlyMap<Reading, number>
  /** The cloud may have each of these at its t − movedByMs: that one is withdrawn. */
  movedByMs?: number
}

/**
 * The readings numbered `from … to`, to be sent as they are: which reading has which number is no longer known.
 * `thinned`, `damaged` and `aside` account for numbers that bring no reading; what is left of them was stored
 * again under new numbers, with its right time (`moveReadings`).
 */
export type ReadingsPiece = {
  from: number
  to: number
  clock?: ClockStamp
  /** The cloud may have each of these at its t − movedByMs, which is then withdrawn. 0: none was moved. */
  movedByMs: number
  thinned: number
  damaged: number
  aside: number
  /** Readings in the body. */
  count: number
  /** `sealed`: as it lies on the disk, with its dictionary (./sealed-body.ts). */
  body: { kind: 'sealed'; bytes: Uint8Array } | { kind: 'fresh'; runs: SeriesRun[] }
}

/** The readings of one series within an hour of UTC, in the metric's own unit. */
export type HourOf = {
  /** Its start, UTC ms. */
  t: number
  n: number
  mean: number
  min: number
  max: number
  /** The newest of the hour. */
  last: { t: number; value: number }
}

/** Readings that a clock had stamped wrong were moved by `byMs`. */
export type Correction = {
  /** UTC ms at which this was found, where it was known. */
  at?: number
  boot: string
  offsetMs: number
  byMs: number
  /** Readings that had not been sent, and those that are sent again under new numbers. */
  inPlace: number
  again: number
}

export type EdgeStore = {
  /** One life of a lane's numbers; in a new one the cloud takes them from 1 on. 16 hex digits. */
  epoch(lane: LaneName): string
  /**
   * The highest number of an earlier start, until the cloud was compared with it: a cloud that knows a higher one
   * says that this database was put back, whatever was stored since. Undefined once `prove` was called.
   */
  unproved(lane: LaneName): number | undefined
  prove(lane: LaneName): void
  /** The database was put back: all that is in the lane is to be sent again, under a new epoch. */
  startEpoch(lane: LaneName): void
  /** Stores what is new, durably, or throws and stores nothing. */
  commit(group: Group): { stored: number; duplicate: number }
  /**
   * The piece with the number after this one: from ≤ number + 1 ≤ to, whole, so it may begin earlier. Of what is not
   * sealed yet as much as comes to `maxReadings`, at least one group. What it hands out counts as sent. Undefined
   * where there is none.
   */
  readingsAfter(number: number, maxReadings: number): ReadingsPiece | undefined
  /**
   * The cloud will not take the numbers `from … to` of a piece: they are kept, and handed out as `aside` from now on.
   * False where these are no longer one piece: ask again for what is after `from − 1`.
   */
  setPieceAside(piece: { from: number; to: number }, why: string): boolean
  piecesAside(): { from: number; to: number; why: string }[]
  eventsAfter(number: number, limit: number): { number: number; event: AlarmEvent }[]
  /** Highest number in the lane. */
  lastNumber(lane: LaneName): number
  /** Newest reading of each series of a house. */
  latest(house: string): Reading[]
  /** Readings with from ≤ t < to, in the order of time. */
  readingsBetween(series: Series, from: number, to: number): Reading[]
  /** Hours that begin in [from, to), of what is sealed (older than about an hour), in the order of time. */
  hoursBetween(series: Series, from: number, to: number): HourOf[]
  /** Values of a model at or after `from`, oldest first. */
  modelValuesSince(series: Series, from: number): { t: number; value: number }[]
  /**
   * What this clock (boot and offset) stamped was wrong by `byMs`: each reading is moved to t + byMs. What was not
   * sent is moved in place; what may have been sent is withdrawn and stored again under new numbers, by `tidy`.
   * `at`: UTC ms, for the record.
   */
  moveReadings(move: { boot: string; offsetMs: number; byMs: number; at?: number }): Correction
  corrections(): Correction[]
  /**
   * The clock was wrong by `byMs` while it showed the times `fromT` to `toT`: events that the cloud does not have yet,
   * and open alarms, that were timed then are moved. They keep their names.
   */
  moveEvents(move: { fromT: number; toT: number; byMs: number }): void
  /**
   * One step of the work beside: room made where there is too little, readings moved again, fresh ones sealed, hours counted anew. Never holds the event
   * loop for more than some 30 ms. `sealAll`: also where there is too little for a piece of the usual size.
   * Call it again while it says `more`; never two at once, never after `close`.
   */
  tidy(options: { sealAll: boolean }): Promise<'more' | 'done'>
  /** Undefined where it has no file, or no limits. */
  room(): Room | undefined
  /** For the ledger (./day-counts.ts), by days since 1970-01-01, UTC. */
  readingsByDay(): Map<number, number>
  streamsOf(day: number): StreamDay[]
  damagedOn(day: number): number
  /** The cloud has taken a batch without these: they stay here, and count as set aside. */
  noteRefused(readings: readonly { series: Series; t: number }[]): void
  /** Readings that are not sealed yet. */
  freshReadings(): number
  openAlarms(): AlarmEvent[]
  /** A small note that survives a restart. */
  note(key: string): string | undefined
  setNote(key: string, value: string): void
  /** One event of the lane that the cloud will not take. */
  setAside(lane: LaneName, number: number, body: string, why: string): void
  setAsideNumbers(lane: LaneName): number[]
  close(): void
}
