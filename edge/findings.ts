import type { NodeConfig } from '#domain/config.ts'
import type { Reading } from '#domain/reading.ts'
import type { Rule } from '#domain/rules/rule.ts'
import type { ClockStep, EdgeClock } from './clock/edge-clock.ts'
import { createFeed } from './feed/feed.ts'
import { createDeviceWatch, type DeviceWatch } from './health/device-watch.ts'
import type { Devices } from './ingest/devices.ts'
import type { SeriesTable } from './series-table.ts'
import type { EdgeStore } from './store/edge-store.ts'

/** What the edge finds out by itself from what devices say over time: how they fare, and when the feed ends. */
export type Findings = {
  /** A live reading of any device. */
  take(reading: Reading): void
  /** What is new. Call about once a second. */
  tick(now: number): Reading[]
  /** How each device fares, with what is found here. */
  devices(): ReturnType<DeviceWatch['describe']>
  step(step: ClockStep): void
  close(): void
}

export type FindingsDeps = {
  config: NodeConfig
  rules: readonly Rule[]
  clock: EdgeClock
  table: SeriesTable
  store: EdgeStore
  devices: Devices
  /** The newest readings of an earlier life. */
  known: readonly Reading[]
  isPresent(device: string): boolean
}

export function createFindings({ config, clock, table, store, devices, ...deps }: FindingsDeps): Findings {
  const watch = createDeviceWatch({ config, table, startedAt: clock.now(), ...deps })
  const feed = createFeed({ stores: config.feed ?? [], table, note: store.note, setNote: store.setNote })
  return {
    take(reading) {
      watch.take(reading)
      feed.take(reading)
    },
    tick: (now) => [...watch.tick(now, devices.all()), ...feed.tick(now)],
    devices: () => watch.describe(devices.all()),
    step(step) {
      devices.step(step)
      watch.step(step)
      feed.step(step)
    },
    close: feed.close,
  }
}
