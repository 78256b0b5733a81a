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
import { type Clock, MAX_AHEAD_MS, SECOND } from '#domain/time.ts'
import type { Counters } from '../counters.ts'
import type { Edge, Registry } from '../registry/port.ts'
import { alarmMistake, judgeReadings, seriesMistake, spanMistake, unknownHouse } from './batch-mistake.ts'
import type { BatchStore, Taken } from './port.ts'

export type Intake = {
  /** Takes a batch, whole or its new part; durable when it resolves. Throws a Problem. */
  takeBatch(edge: Edge, batch: Batch): Promise<BatchAnswer>
  /** Readings for the eyes only, checked like those of a batch; those from the future are left out. Throws a Problem. */
  readLive(edge: Edge, live: Live): Promise<Reading[]>
}

type Deps = {
  registry: Registry
  batches: BatchStore
  clock: Clock
  counters: Counters
  /** 0 … 1. */
  random(): number
  onReadings(farm: string, readings: readonly Reading[]): void
  onAlarms(farm: string, alarms: readonly AlarmView[]): void
}

/** Taking a batch takes milliseconds. When it takes longer than this, there is more to do than can be done. */
const OVERLOADED_MS = 1 * SECOND
const LONGEST_PAUSE_MS = 5 * SECOND

export function createIntake(deps: Deps): Intake {
  const { registry, batches, clock, counters, random, onReadings, onAlarms } = deps

  const refuseUnknownHouses = async ({ farm }: Edge, named: readonly { house: string }[]) => {
    const houses = new Set((await registry.farms.houses(farm)).map(({ id }) => id))
    const house = unknownHouse(named, houses)
    if (house === undefined) return
    throw new Problem('house-unknown', `there is no house "${house}" on this farm: add it on the page`)
  }

  /** As long as we took, up to twice that, so that those who came together do not come back together. */
  const pauseAfter = (tookMs: number) => Math.round(Math.min(LONGEST_PAUSE_MS, tookMs * (1 + random())))

  const takeReadings = async (edge: Edge, batch: ReadingsBatch) => {
    refuseIf(spanMistake(batch, batch.order.length))
    refuseIf(seriesMistake(batch.series, batch.order))
    await refuseUnknownHouses(edge, batch.series)
    const readings = unpackBatch(batch)
    const { mistake, ahead } = judgeReadings(readings, clock.now())
    refuseIf(mistake)
    if (ahead) throw fromTheFuture(ahead)
    const taken = expectNoGap(await batches.takeReadings(edge, batch, readings))
    const fresh = readings.slice(taken.old)
    counters.count('readings.stored', edge.farm, taken.stored)
    counters.count('readings.duplicate', edge.farm, fresh.length - taken.stored)
    onReadings(edge.farm, fresh)
    return taken
  }

  const takeAlarms = async (edge: Edge, batch: AlarmsBatch) => {
    refuseIf(spanMistake(batch, batch.events.length))
    refuseIf(alarmMistake(batch.events))
    const taken = expectNoGap(await batches.takeAlarms(edge, batch, batch.events, clock.now()))
    onAlarms(edge.farm, taken.stored)
    return taken
  }

  return {
    async takeBatch(edge, batch) {
      const start = clock.monotonic()
      const taken =
        batch.lane === 'readings' ? await takeReadings(edge, batch) : await takeAlarms(edge, batch)
      const isOld = taken.old === batch.to - batch.from + 1
      counters.count(isOld ? 'batches.repeated' : 'batches.taken', edge.farm)
      const tookMs = clock.monotonic() - start
      return {
        watermark: taken.watermark,
        ...(batch.lane === 'readings' && tookMs > OVERLOADED_MS && { notBeforeMs: pauseAfter(tookMs) }),
      }
    },
    async readLive(edge, { readings: series }) {
      refuseIf(seriesMistake(series, undefined))
      await refuseUnknownHouses(edge, series)
      const readings = series.flatMap(unpackSeries)
      const now = clock.now()
      refuseIf(judgeReadings(readings, now).mistake)
      return readings.filter(({ t }) => t <= now + MAX_AHEAD_MS)
    },
  }
}

function refuseIf(mistake: string | undefined): void {
  if (mistake !== undefined) throw new Problem('batch-wrong', mistake)
}

function fromTheFuture({ reading: { series, t }, ms }: { reading: Reading; ms: number }): Problem {
  const which = `${series.house}/${series.device} ${series.metric} at ${t}`
  return new Problem(
    'from-the-future',
    `${which} is ${Math.round(ms / 1000)} s ahead of the cloud: the edge's clock is wrong; set it and try again`,
  )
}

function expectNoGap<Stored>(taken: Taken<Stored>): Extract<Taken<Stored>, { kind: 'taken' }> {
  if (taken.kind === 'taken') return taken
  throw new Problem('batch-gap', `the next number is ${taken.expected}`, { expected: taken.expected })
}
