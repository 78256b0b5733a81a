import { isSound } from '#domain/block.ts'
import type { NodeConfig } from '#domain/config.ts'
import { isPicture } from '#domain/picture.ts'
import type { ClockStep, EdgeClock } from './clock/edge-clock.ts'
import type { Counters } from './counters.ts'
import type { Flocks } from './flocks.ts'
import type { IngestDeps } from './ingest/ingest.ts'
import { type Kept, openKept } from './ring/kept.ts'
import type { SeriesTable } from './series-table.ts'
import type { EdgeStore } from './store/edge-store.ts'
import { createThermal, type Thermal } from './thermal/thermal.ts'
import { createWeighing, type Weighing } from './weighing/weighing.ts'

/** What is made of blocks and frames: weights of birds, warmth of a picture; pictures and sound are kept as they are. */
export type Models = Pick<IngestDeps, 'onBlock' | 'onFrame'> & {
  calibrate: Weighing['calibrate']
  loads: Weighing['loads']
  thermalFrames: Thermal['latest']
  kept: Kept['status']
  step(step: ClockStep): void
  flush(): Promise<unknown>
}

export type ModelsDeps = {
  config: NodeConfig
  clock: EdgeClock
  flocks: Flocks
  table: SeriesTable
  counters: Counters
  store: EdgeStore
}

export function openModels({ config, clock, flocks, table, counters, store }: ModelsDeps): Models {
  const { modelValuesSince } = store
  const weighing = createWeighing({ houses: config.houses, flocks, table, counters, modelValuesSince })
  const thermal = createThermal(table)
  const kept = openKept(config.edge, clock, counters)
  return {
    onBlock: (...message) => (isSound(message[2]) ? kept.sound : weighing).take(...message),
    onFrame: (...message) => (isPicture(message[2]) ? kept.pictures : thermal).take(...message),
    calibrate: weighing.calibrate,
    loads: weighing.loads,
    thermalFrames: thermal.latest,
    kept: kept.status,
    step(step) {
      weighing.step(step)
      thermal.step(step)
    },
    flush: kept.flush,
  }
}
