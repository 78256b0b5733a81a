import { statfsSync } from 'node:fs'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { DeviceHealth } from '#domain/topics.ts'
import type { EdgeClock } from './clock/edge-clock.ts'
import type { Counters } from './counters.ts'
import type { GroupCommit } from './ingest/group-commit.ts'
import type { Ingest } from './ingest/ingest.ts'
import type { Models } from './models.ts'
import type { EdgeStore } from './store/edge-store.ts'
import type { Sync, SyncStatus } from './sync/sync.ts'

export type HealthFiguresDeps = {
  dataDir: string
  clock: EdgeClock
  /** By the clock that nobody sets. */
  startedAt: number
  isWell: boolean
  store: EdgeStore
  commit: GroupCommit
  counters: Counters
  ingest: Ingest
  models: Models
  /** How many are connected. */
  clients(): number
  sync: Sync | undefined
  openAlarms: readonly AlarmEvent[]
  devices: Record<string, DeviceHealth>
}

const ALONE: SyncStatus = { state: 'no-cloud', backlog: { readings: 0, alarms: 0 } }

/** How the edge fares right now: for the health page and for Prometheus. */
export function healthFigures(deps: HealthFiguresDeps) {
  const { dataDir, clock, startedAt, isWell, store, commit, counters, ingest, models, sync } = deps
  return {
    isWell,
    t: clock.now(),
    clock: clock.status(),
    uptimeS: Math.round((clock.monotonic() - startedAt) / 1000),
    epoch: store.epoch('readings'),
    sync: sync?.status() ?? ALONE,
    stored: {
      readings: store.lastNumber('readings'),
      alarms: store.lastNumber('alarms'),
      waiting: commit.waiting(),
    },
    openAlarms: deps.openAlarms.map(({ alarm, severity, since }) => ({ alarm, severity, since })),
    clients: deps.clients(),
    diskFreeBytes: freeBytes(dataDir),
    kept: models.kept(),
    room: store.room(),
    rssBytes: process.memoryUsage.rss(),
    counters: counters.values(),
    rejected: ingest.examples(),
    devices: deps.devices,
  }
}

/** Undefined where the disk does not even have the folder. */
function freeBytes(dataDir: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(dataDir)
    return bavail * bsize
  } catch {
    return undefined
  }
}
