import type { AlarmEvent } from '#domain/alarm.ts'
import type { AlarmView } from '#domain/api/farm.ts'
import type { SeriesRun } from '#domain/columns/runs.ts'
import type { LaneName } from '#domain/sync.ts'
import type { Edge } from '../registry/port.ts'

/** One unbroken run of a lane, `from … to`. */
export type Span = { epoch: string; from: number; to: number }

/** Numbers of the lane `readings`. The readings were stored before at their t − movedByMs, if that is not 0. */
export type ReadingsSpan = Span & { movedByMs: number }

/**
 * What a batch brought is durable, together with the new watermark, before the promise resolves. `repeated`: all
 * of its numbers were there already, and nothing was looked at. A gap stores nothing.
 */
export type Taken<Stored> =
  | { kind: 'taken'; watermark: number; stored: Stored }
  | { kind: 'repeated'; watermark: number }
  | { kind: 'gap'; expected: number }

/** Takes batches. Rejects when the store cannot write. Data and watermark go together or not at all. */
export type BatchStore = {
  /** The highest number stored of a lane in an epoch; 0 when there is none. */
  watermark(edge: Edge, lane: LaneName, epoch: string): Promise<number>
  /**
   * Each run is of one series, in the order of time, and may hold times that are there already: what stands there
   * stays. `stored` counts those that were new.
   */
  takeReadings(edge: Edge, span: ReadingsSpan, runs: readonly SeriesRun[]): Promise<Taken<number>>
  /** One event for each number; null for one that was refused. `stored` are the alarms that changed. */
  takeAlarms(
    edge: Edge,
    span: Span,
    events: readonly (AlarmEvent | null)[],
    now: number,
  ): Promise<Taken<AlarmView[]>>
}

/** An edge uses one at a time; those before it may still be in batches on their way. */
export const DICTIONARIES_PER_EDGE = 8

/** Dictionaries of edges, by their hash. Only the last few of an edge are kept: it sends again what is missed. */
export type DictionaryStore = {
  find(edge: Edge, hash: string): Promise<Uint8Array | undefined>
  keep(edge: Edge, hash: string, json: Uint8Array): Promise<void>
}
