import type { MqttDeviceConfig } from '#domain/config.ts'
import type { Reading, Series } from '#domain/reading.ts'
import { isLate, MAX_AHEAD_MS } from '#domain/time.ts'
import type { Route } from '../broker/rights.ts'
import type { ClockStep, EdgeClock } from '../clock/edge-clock.ts'
import type { Counters } from '../counters.ts'
import type { SeriesTable } from '../series-table.ts'
import type { Devices } from './devices.ts'
import type { GroupCommit } from './group-commit.ts'
import { type Arrived, type Reject, type Rejected, readDialect, readReadings } from './read-message.ts'
import { createSampleTimes, type SampleTimes } from './sample-times.ts'

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
  /** The edge's clock was corrected: what it had stamped wrong moves along. */
  step(step: ClockStep): void
}

export type IngestDeps = {
  table: SeriesTable
  clock: EdgeClock
  counters: Counters
  commit: GroupCommit
  devices: Devices
  /** The newest readings of an earlier life. */
  known: readonly Reading[]
  /** Every good reading, in the order of arrival. `late`: measured a while ago, judged apart. */
  onReading(reading: Reading, late: boolean): void
  /** What the models make of a scale's block and a camera's frame. */
  onBlock: Model
  onFrame: Model
  onOutletCommand?(topic: string, payload: Buffer): void
  /** What a Sparkplug node says of itself and its devices; it adds its readings to `into`. */
  onSparkplug?(
    topic: string,
    payload: Buffer,
    now: number,
    times: SampleTimes,
    into: Arrived,
    rejectOf: (device: MqttDeviceConfig) => Reject,
  ): void
}
/** `timeOf`: UTC ms by this edge's clock for the sender's. */
type Model = (
  house: string,
  device: string,
  payload: Buffer,
  now: number,
  reject: Reject,
  timeOf: (t: number) => number,
) => Reading[]

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
  const times = createSampleTimes(clock, (device) => counters.count('ingest.restamped', `device "${device}"`))
  /** Reused for every message. */
  const arrived: Arrived = { ours: [], theirs: [], claims: new Map() }
  const nothing: readonly Reading[] = []

  const atOnce = (device: string) => (t: number) => times.timeAtOnce(device, t)
  const judge = (readings: readonly Reading[], now: number) => {
    let late = 0
    for (const reading of readings) {
      const cameLate = isLate(reading.t, now)
      if (cameLate) late++
      const newest = latest.get(reading.series)
      // What is ahead of the clock was stamped by a sender whose clock was set back since.
      if (!newest || newest.t <= reading.t || newest.t > now + MAX_AHEAD_MS)
        latest.set(reading.series, reading)
      onReading(reading, cameLate)
    }
    if (late > 0) counters.count('ingest.late', undefined, late)
  }
  const addTheirs = (theirs: readonly Reading[], done?: () => void): boolean => {
    const stamp = clock.stampOfOther(Number.POSITIVE_INFINITY)
    const old = theirs.filter(({ t }) => clock.stampOfOther(t) === undefined)
    if (old.length === 0) return commit.add(theirs, [], done, stamp)
    const young = theirs.filter(({ t }) => clock.stampOfOther(t) !== undefined)
    const areKept = commit.add(old, [], young.length === 0 ? done : undefined)
    return young.length === 0 ? areKept : commit.add(young, [], areKept ? done : undefined, stamp) && areKept
  }
  const accept = (ours: readonly Reading[], theirs: readonly Reading[], now: number, done: () => void) => {
    judge(ours, now)
    judge(theirs, now)
    if (ours.length + theirs.length === 0) return done()
    if (ours.length === 0) {
      addTheirs(theirs, done)
      return
    }
    const areKept = theirs.length === 0 || addTheirs(theirs)
    commit.add(ours, [], areKept ? done : undefined, clock.stamp(), arrived.claims)
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
      arrived.ours.length = 0
      arrived.theirs.length = 0
      arrived.claims.clear()
      switch (route.kind) {
        case 'readings':
          readReadings(table, route, payload, now, times, arrived, reject)
          return accept(arrived.ours, arrived.theirs, now, done)
        case 'dialect': {
          const { config } = route
          const { online } = readDialect(table, config, topic, payload, now, times, arrived, reject)
          devices.heard(device, now, online)
          return accept(arrived.ours, arrived.theirs, now, done)
        }
        case 'sparkplug':
          deps.onSparkplug?.(topic, payload, now, times, arrived, ({ house, id }) => rejectOf(house, id))
          return accept(arrived.ours, arrived.theirs, now, done)
        case 'outlet-command':
          deps.onOutletCommand?.(topic, payload)
          return done()
        case 'block':
          return accept(deps.onBlock(house, device, payload, now, reject, atOnce(device)), nothing, now, done)
        case 'frame':
          return accept(deps.onFrame(house, device, payload, now, reject, atOnce(device)), nothing, now, done)
        case 'health':
          devices.report(device, payload, now, reject)
          return done()
      }
    },
    add: (readings) => accept(readings, nothing, clock.now(), () => {}),
    examples: () => Object.fromEntries(examples),
    latest: () => [...latest.values()],
    step({ byMs, wrong }) {
      if (!wrong) return
      for (const [series, reading] of latest) {
        const isWrong = reading.t >= wrong.fromT && reading.t <= wrong.toT
        if (isWrong) latest.set(series, { ...reading, t: reading.t + byMs })
      }
    },
  }
}
