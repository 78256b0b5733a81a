import type { AlarmView } from '#domain/api/farm.ts'
import { readingsOf, runsOf, type SeriesRun } from '#domain/columns/runs.ts'
import { Problem } from '#domain/errors.ts'
import type { Reading } from '#domain/reading.ts'
import {
  type AlarmsBatch,
  type BatchAnswer,
  type LaneName,
  type Live,
  MAX_BATCH_EVENTS,
  type RefusedRecord,
} from '#domain/sync.ts'
import { type Clock, isLate, SECOND } from '#domain/time.ts'
import type { Counters } from '../counters.ts'
import type { Edge, Registry } from '../registry/port.ts'
import type { Dictionaries } from './dictionaries.ts'
import { createGate } from './gate.ts'
import { judgeEvents } from './judge-events.ts'
import { type JudgedRuns, judgeRuns } from './judge-runs.ts'
import type { BatchStore, Taken } from './port.ts'
import { readColumns, type UnpackedBatch, unpackBatch } from './read-batch.ts'

export type Intake = {
  /** Takes a batch of readings as it was sent: durable when it resolves. Throws a Problem. */
  takeReadings(edge: Edge, bytes: Uint8Array): Promise<BatchAnswer>
  takeAlarms(edge: Edge, batch: AlarmsBatch): Promise<BatchAnswer>
  watermark(edge: Edge, lane: LaneName, epoch: string): Promise<BatchAnswer>
  /** Readings for the eyes only: those of them that a batch would be taken with. */
  readLive(edge: Edge, live: Live): Promise<Reading[]>
}

type Deps = {
  registry: Registry
  batches: BatchStore
  dictionaries: Dictionaries
  clock: Clock
  counters: Counters
  /** 0 … 1. */
  random(): number
  onReadings(farm: string, runs: readonly SeriesRun[]): void
  onAlarms(farm: string, alarms: readonly AlarmView[]): void
}

/** Taking a batch takes milliseconds. When it takes longer than this, there is more to do than can be done. */
const OVERLOADED_MS = 1 * SECOND
const LONGEST_PAUSE_MS = 5 * SECOND
/**
 * Batches in work and in the queue, by what they unpack to: a few of an hour's, or two hundred of a minute's, share
 * a transaction, which holds others up for some tenths of a second.
 */
const GATE = { atOnce: 200_000, queued: 64_000_000 }
/** What a batch weighs before anything is in it. */
const BATCH_BYTES = 600
/** Those who find the queue full come back after so many seconds, spread so that they do not come together. */
const AWAY_S = { least: 5, most: 30 }

export function createIntake(deps: Deps): Intake {
  const { registry, batches, dictionaries, clock, counters, random, onReadings, onAlarms } = deps
  const gate = createGate(GATE)

  const housesOf = async ({ farm }: Edge) => new Set((await registry.farms.houses(farm)).map(({ id }) => id))

  /** As long as we took, up to twice that, so that those who came together do not come back together. */
  const pauseAfter = (tookMs: number) => Math.round(Math.min(LONGEST_PAUSE_MS, tookMs * (1 + random())))

  const answer = <Stored>(edge: Edge, taken: Taken<Stored>, judged?: Refusals): BatchAnswer => {
    if (taken.kind === 'gap') {
      throw new Problem('batch-gap', `the next number is ${taken.expected}`, { expected: taken.expected })
    }
    counters.count(taken.kind === 'repeated' ? 'batches.repeated' : 'batches.taken', edge.farm)
    if (taken.kind === 'repeated' || !judged?.refusedCount) return { watermark: taken.watermark }
    const { refused, refusedCount } = judged
    counters.count('records.refused', edge.farm, refusedCount)
    return { watermark: taken.watermark, refused, refusedCount }
  }

  const takeReadings = async (edge: Edge, batch: UnpackedBatch) => {
    const { header } = batch
    const runs = await readColumns(batch, (hash) => dictionaries.of(edge, hash))
    const judged = judgeRuns(runs, clock.now())
    refuseUntimely(judged)
    const houses = await housesOf(edge)
    const taken = await batches.takeReadings(edge, header, judged.good)
    if (taken.kind === 'taken') {
      const brought = readingsIn(judged.good)
      counters.count('readings.stored', edge.farm, taken.stored)
      if (brought > taken.stored) counters.count('readings.duplicate', edge.farm, brought - taken.stored)
      const late = lateIn(judged.good, clock.now())
      if (late > 0) counters.count('readings.late', edge.farm, late)
      if (header.movedByMs !== 0) counters.count('readings.moved', edge.farm, brought)
      const shown = judged.good.filter(({ series }) => houses.has(series.house))
      if (shown.length < judged.good.length)
        counters.count('readings.house-unknown', edge.farm, brought - readingsIn(shown))
      onReadings(edge.farm, shown)
    }
    return answer(edge, taken, judged)
  }

  return {
    async takeReadings(edge, bytes) {
      const start = clock.monotonic()
      const batch = await unpackBatch(bytes)
      const weight = BATCH_BYTES + (batch.columns?.length ?? 0)
      const passed = gate.pass(weight, () => takeReadings(edge, batch))
      if (!passed) {
        const retryAfterS = Math.round(AWAY_S.least + random() * (AWAY_S.most - AWAY_S.least))
        throw new Problem('too-many', 'too many batches wait already', { retryAfterS })
      }
      const taken = await passed
      const tookMs = clock.monotonic() - start
      return tookMs > OVERLOADED_MS ? { ...taken, notBeforeMs: pauseAfter(tookMs) } : taken
    },

    async takeAlarms(edge, batch) {
      const { from, to, events } = batch
      if (events.length > MAX_BATCH_EVENTS)
        throw new Problem('batch-wrong', `a batch holds at most ${MAX_BATCH_EVENTS} events`)
      if (to - from + 1 !== events.length)
        throw new Problem('batch-wrong', `from ${from} to ${to} is not the ${events.length} that it carries`)
      const judged = judgeEvents(events)
      const taken = await batches.takeAlarms(edge, batch, judged.good, clock.now())
      if (taken.kind === 'taken') onAlarms(edge.farm, taken.stored)
      return answer(edge, taken, judged)
    },

    watermark: async (edge, lane, epoch) => ({ watermark: await batches.watermark(edge, lane, epoch) }),

    async readLive(edge, { readings }) {
      const houses = await housesOf(edge)
      const { good } = judgeRuns(runsOf(readings as Reading[]), clock.now())
      return good.filter(({ series }) => houses.has(series.house)).flatMap(readingsOf)
    },
  }
}

function readingsIn(runs: readonly SeriesRun[]): number {
  return runs.reduce((sum, { t }) => sum + t.length, 0)
}

/** How many came more than 2 minutes after they were measured. */
function lateIn(runs: readonly SeriesRun[], now: number): number {
  return runs.reduce((sum, { t }) => sum + t.findLastIndex((at) => isLate(at, now)) + 1, 0)
}

type Refusals = { refused: RefusedRecord[]; refusedCount: number }

/** What is no mistake of the readings holds up all of them, as it may be right in a while. */
function refuseUntimely({ unknownMetric, ahead }: JudgedRuns): void {
  if (unknownMetric) {
    const { metric } = unknownMetric.series
    throw new Problem('metric-unknown', `this cloud does not know the metric "${metric}": upgrade it`)
  }
  if (!ahead) return
  const { run, t, ms } = ahead
  const { house, device, metric } = run.series
  throw new Problem(
    'from-the-future',
    `${house}/${device} ${metric} at ${t} is ${Math.round(ms / 1000)} s ahead of the cloud: the edge's clock is wrong; set it and try again`,
  )
}
