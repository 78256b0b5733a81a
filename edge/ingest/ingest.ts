import type { MqttDeviceConfig } from '#domain/config.ts'
import type { Reading, Series } from '#domain/reading.ts'
import { type Clock, LATE_AFTER_MS, MAX_AHEAD_MS } from '#domain/time.ts'
import type { Route } from '../broker/rights.ts'
import type { Counters } from '../counters.ts'
import type { SeriesTable } from '../series-table.ts'
import type { Devices } from './devices.ts'
import type { GroupCommit } from './group-commit.ts'
import { type Reject, type Rejected, readDialect, readReadings } from './read-message.ts'

/** The last thing that was refused for a reason, for the installer to look at. */
export type Example = { t: number; topic: string; payload: string }

export type Ingest = {
  /** A message from a client that may send it. `done` acknowledges it: once its readings are durable, or it has none. */
  message(route: Route, topic: string, payload: Buffer, done: () => void): void
  /** What the edge itself found out. */
  add(readings: readonly Reading[]): void
  examples(): Partial<Record<Rejected, Example>>
  /** Newest reading of each series. */
  latest(): Reading[]
}

export type IngestDeps = {
  table: SeriesTable
  clock: Clock
  counters: Counters
  commit: GroupCommit
  devices: Devices
  /** The newest readings of an earlier life. */
  known: readonly Reading[]
  /** Every good reading, in the order of arrival. `late`: measured a while ago, judged apart. */
  onReading(reading: Reading, late: boolean): void
  /** What the models make of a scale's block and a camera's frame. */
  onBlock(house: string, device: string, payload: Buffer, now: number, reject: Reject): Reading[]
  onFrame(house: string, device: string, payload: Buffer, now: number, reject: Reject): Reading[]
  onOutletCommand?(topic: string, payload: Buffer): void
  /** What a Sparkplug node says of itself and its devices; it adds its readings to `into`. */
  onSparkplug?(
    topic: string,
    payload: Buffer,
    now: number,
    into: Reading[],
    rejectOf: (device: MqttDeviceConfig) => Reject,
  ): void
}

const EXAMPLE_CHARACTERS = 300
const EXAMPLE_EVERY_MS = 1_000

/**
 * From a message to stored readings: read, check, judge, store, acknowledge. A bad message is acknowledged too,
 * as its sender would repeat it for ever; it is counted by its reason and kept as an example.
 */
export function createIngest(deps: IngestDeps): Ingest {
  const { table, clock, counters, commit, devices, onReading } = deps
  const examples = new Map<Rejected, Example>()
  const latest = new Map<Series, Reading>(deps.known.map((reading) => [reading.series, reading]))
  /** Reused for every message. */
  const fresh: Reading[] = []

  const accept = (readings: readonly Reading[], now: number, done: () => void) => {
    let late = 0
    for (const reading of readings) {
      const isLate = now - reading.t > LATE_AFTER_MS
      if (isLate) late++
      const newest = latest.get(reading.series)
      // What is ahead of the clock was stamped before the clock was set back.
      if (!newest || newest.t <= reading.t || newest.t > now + MAX_AHEAD_MS)
        latest.set(reading.series, reading)
      onReading(reading, isLate)
    }
    if (late > 0) counters.count('ingest.late', undefined, late)
    if (readings.length > 0) commit.add(readings, [], done)
    else done()
  }

  return {
    message(route, topic, payload, done) {
      const now = clock.now()
      const { house, device } = route
      const rejectOf =
        (house: string, device: string): Reject =>
        (reason) => {
          counters.count(reason, `device "${device}" in house "${house}"`)
          devices.discarded(device, reason)
          const before = examples.get(reason)
          if (before && Math.abs(now - before.t) < EXAMPLE_EVERY_MS) return
          examples.set(reason, { t: now, topic, payload: payload.toString('utf8', 0, EXAMPLE_CHARACTERS) })
        }
      const reject = rejectOf(house, device)
      fresh.length = 0
      switch (route.kind) {
        case 'readings':
          readReadings(table, route, payload, now, fresh, reject)
          return accept(fresh, now, done)
        case 'dialect': {
          const { online } = readDialect(table, route.config, topic, payload, now, fresh, reject)
          devices.heard(device, now, online)
          return accept(fresh, now, done)
        }
        case 'sparkplug':
          deps.onSparkplug?.(topic, payload, now, fresh, (member) => rejectOf(member.house, member.id))
          return accept(fresh, now, done)
        case 'outlet-command':
          deps.onOutletCommand?.(topic, payload)
          return done()
        case 'block':
          return accept(deps.onBlock(house, device, payload, now, reject), now, done)
        case 'frame':
          return accept(deps.onFrame(house, device, payload, now, reject), now, done)
        case 'health':
          devices.report(device, payload, reject)
          return done()
      }
    },
    add: (readings) => accept(readings, clock.now(), () => {}),
    examples: () => Object.fromEntries(examples),
    latest: () => [...latest.values()],
  }
}
