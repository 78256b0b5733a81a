import type { AlarmEvent } from '#domain/alarm.ts'
import type { AlarmView } from '#domain/api/farm.ts'
import type { Reading } from '#domain/reading.ts'
import type { Edge } from '../registry/port.ts'

/** One unbroken run of a lane, `from … to`. */
export type Span = { epoch: string; from: number; to: number }

/**
 * `old` numbers at the front of the batch were there already; what it stored is durable, together with the
 * new watermark, before the promise resolves. A gap stores nothing.
 */
export type Taken<Stored> =
  | { kind: 'taken'; watermark: number; old: number; stored: Stored }
  | { kind: 'gap'; expected: number }

/** Takes batches. Rejects when the store cannot write. Data and watermark go together or not at all. */
export type BatchStore = {
  /** `stored` counts the readings that were new; the others of the run had been stored before under the same time. */
  takeReadings(edge: Edge, span: Span, readings: readonly Reading[]): Promise<Taken<number>>
  /** `stored` are the alarms that changed. */
  takeAlarms(edge: Edge, span: Span, events: readonly AlarmEvent[], now: number): Promise<Taken<AlarmView[]>>
}
