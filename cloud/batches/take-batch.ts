import type { AlarmView } from '#domain/api/farm.ts'
import { Problem } from '#domain/errors.ts'
import type { Reading } from '#domain/reading.ts'
import {
  type AlarmsBatch,
  type Batch,
  type BatchAnswer,
  type Live,
  type ReadingsBatch,
  unpackBatch,
  unpackSeries,
} from '#domain/sync.ts'
import type { Clock } from '#domain/time.ts'
import type { Counters } from '../counters.ts'
import type { Edge, Registry } from '../registry/port.ts'
import { alarmMistake, readingMistake, seriesMistake, spanMistake, unknownHouse } from './batch-mistake.ts'
import type { BatchStore, Taken } from './port.ts'

export type Intake = {
  /** Takes a batch, whole or its new part; durable when it resolves. Throws a Problem. */
  takeBatch(edge: Edge, batch: Batch): Promise<BatchAnswer>
  /** Readings for the eyes only, checked like those of a batch. Throws a Problem. */
  readLive(edge: Edge, live: Live): Promise<Reading[]>
}

type Deps = {
  registry: Registry
  batches: BatchStore
  clock: Clock
  counters: Counters
  onReadings(farm: string, readings: readonly Reading[]): void
  onAlarms(farm: string, alarms: readonly AlarmView[]): void
}

export function createIntake({ registry, batches, clock, counters, onReadings, onAlarms }: Deps): Intake {
  const refuseUnknownHouses = async ({ farm }: Edge, named: readonly { house: string }[]) => {
    const houses = new Set((await registry.farms.houses(farm)).map(({ id }) => id))
    const house = unknownHouse(named, houses)
    if (house === undefined) return
    throw new Problem('house-unknown', `there is no house "${house}" on this farm: add it on the page`)
  }

  const takeReadings = async (edge: Edge, batch: ReadingsBatch) => {
    refuseIf(spanMistake(batch, batch.order.length))
    refuseIf(seriesMistake(batch.series, batch.order))
    await refuseUnknownHouses(edge, batch.series)
    const readings = unpackBatch(batch)
    refuseIf(readingMistake(readings, clock.now()))
    const taken = expectNoGap(await batches.takeReadings(edge, batch, readings))
    const fresh = readings.slice(taken.old)
    counters.count('readings.stored', edge.farm, taken.stored)
    counters.count('readings.duplicate', edge.farm, fresh.length - taken.stored)
    onReadings(edge.farm, fresh)
    return taken
  }

  const takeAlarms = async (edge: Edge, batch: AlarmsBatch) => {
    refuseIf(spanMistake(batch, batch.events.length))
    refuseIf(alarmMistake(batch.events, clock.now()))
    await refuseUnknownHouses(edge, batch.events)
    const taken = expectNoGap(await batches.takeAlarms(edge, batch, batch.events, clock.now()))
    onAlarms(edge.farm, taken.stored)
    return taken
  }

  return {
    async takeBatch(edge, batch) {
      const taken =
        batch.lane === 'readings' ? await takeReadings(edge, batch) : await takeAlarms(edge, batch)
      const isOld = taken.old === batch.to - batch.from + 1
      counters.count(isOld ? 'batches.repeated' : 'batches.taken', edge.farm)
      return { watermark: taken.watermark }
    },
    async readLive(edge, { readings: series }) {
      refuseIf(seriesMistake(series, undefined))
      await refuseUnknownHouses(edge, series)
      const readings = series.flatMap(unpackSeries)
      refuseIf(readingMistake(readings, clock.now()))
      return readings
    },
  }
}

function refuseIf(mistake: string | undefined): void {
  if (mistake !== undefined) throw new Problem('batch-wrong', mistake)
}

function expectNoGap<Stored>(taken: Taken<Stored>): Extract<Taken<Stored>, { kind: 'taken' }> {
  if (taken.kind === 'taken') return taken
  throw new Problem('batch-gap', `the next number is ${taken.expected}`, { expected: taken.expected })
}
