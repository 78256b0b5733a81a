import { Compile } from 'typebox/compile'
import { LoadBlock } from '#domain/block.ts'
import { weightAt } from '#domain/breeds/breed-standard.ts'
import { findBreedStandard } from '#domain/breeds/breed-standards.ts'
import type { NodeConfig } from '#domain/config.ts'
import { metrics } from '#domain/metrics.ts'
import { type Reading, rejectReason, type Series } from '#domain/reading.ts'
import { localDay, MINUTE, startOfLocalDay } from '#domain/time.ts'
import type { Counters } from '../counters.ts'
import type { Flock, Flocks } from '../flocks.ts'
import { parseJson, type Reject } from '../ingest/read-message.ts'
import type { SeriesTable } from '../series-table.ts'
import { createDayWeights, type DayWeights } from './day-weights.ts'
import { judgeWeight, plateauMsFor, stepShapeFor } from './judge-weight.ts'
import { createStepDetector, type StepDetector } from './step-detector.ts'

/** The name under which its weights travel. A change of method is a new name, and so a new series. */
export const WEIGH_MODEL = 'weigh-steps@1'

export type Weighing = {
  /** A block of one scale; gives the readings that it led to. */
  take(house: string, device: string, payload: Buffer, now: number, reject: Reject): Reading[]
}

export type WeighingDeps = {
  houses: NodeConfig['houses']
  flocks: Flocks
  table: SeriesTable
  counters: Counters
  /** Weights of earlier today, for the mean to go on after a restart. */
  modelValuesSince(series: Series, from: number): { t: number; value: number }[]
}

type Scale = {
  detector: StepDetector
  windowSamples: number
  /** When the next block should begin. */
  nextT: number
  day: string
  weights: DayWeights
  meanSaidAt: number
}

/** A longer break between blocks: a bird may have come or gone unseen. */
const MAX_BREAK_MS = 2_000
const MEAN_EVERY_MS = MINUTE
const MAX_WINDOW = 400

const block = Compile(LoadBlock)

export function createWeighing({
  houses,
  flocks,
  table,
  counters,
  modelValuesSince,
}: WeighingDeps): Weighing {
  const zones = new Map(houses.map(({ id, timeZone }) => [id, timeZone]))
  const scales = new Map<string, Scale>()

  const weightSeries = (house: string, device: string) =>
    table.named(house, device, 'bird.weight', 'model', WEIGH_MODEL) as Series

  /** Moves the day on; false for a weight of a day that is over. */
  const enterDay = (scale: Scale, house: string, device: string, t: number): boolean => {
    const zone = zones.get(house) ?? 'UTC'
    const day = localDay(t, zone)
    if (day < scale.day) return false
    if (day === scale.day) return true
    scale.day = day
    scale.weights = createDayWeights()
    for (const { value } of modelValuesSince(weightSeries(house, device), startOfLocalDay(day, zone))) {
      scale.weights.add(value)
    }
    return true
  }

  const accept = (scale: Scale, house: string, device: string, t: number, grams: number): Reading[] => {
    const weight: Reading = {
      series: weightSeries(house, device),
      t,
      value: Math.round(grams),
      quality: 'good',
    }
    if (!enterDay(scale, house, device, t)) return [weight]
    scale.weights.add(weight.value)
    const mean = scale.weights.mean()
    if (!mean || t - scale.meanSaidAt < MEAN_EVERY_MS) return [weight]
    scale.meanSaidAt = t
    const detail = { n: mean.n, low: Math.round(mean.low), high: Math.round(mean.high) }
    const series = table.named(house, device, 'bird.weight.mean', 'model', WEIGH_MODEL) as Series
    return [weight, { series, t, value: Math.round(mean.mean), quality: 'good', detail }]
  }

  return {
    take(house, device, payload, now, reject) {
      const body = parseJson(payload)
      if (body === undefined || !block.Check(body)) {
        reject(body === undefined ? 'rejected.not-json' : 'rejected.not-valid')
        return []
      }
      const { t, stepMs, grams } = body
      const { min, max } = metrics['scale.load']
      const reason = rejectReason('scale.load', 0, t, now)
      if (reason || grams.some((value) => value < min || value > max)) {
        reject(`rejected.${reason ?? 'implausible'}`)
        return []
      }
      const ageDays = flocks.ageDays(house, t)
      const targetG = targetOf(flocks.of(house), ageDays)
      if (targetG === undefined || ageDays === undefined) {
        counters.count('weigh.no-target', `scale "${device}" in house "${house}"`)
        return []
      }

      const windowSamples = Math.min(MAX_WINDOW, Math.max(3, Math.ceil(plateauMsFor(targetG) / stepMs)))
      let scale = scales.get(`${house}|${device}`)
      if (!scale) {
        const detector = createStepDetector(windowSamples)
        scale = { detector, windowSamples, nextT: t, day: '', weights: createDayWeights(), meanSaidAt: 0 }
        scales.set(`${house}|${device}`, scale)
      } else if (Math.abs(t - scale.nextT) > MAX_BREAK_MS || windowSamples !== scale.windowSamples) {
        scale.detector = createStepDetector(windowSamples)
        scale.windowSamples = windowSamples
      }
      scale.nextT = t + stepMs * grams.length

      const shape = stepShapeFor(targetG)
      const found: Reading[] = []
      grams.forEach((value, index) => {
        const stepG = scale.detector.take(value, shape)
        // Each visit counts once, when the bird comes: its leaving is the same bird again.
        if (stepG === undefined || stepG < 0) return
        const verdict = judgeWeight(stepG, targetG, ageDays)
        counters.count(`weigh.${verdict}`)
        if (verdict === 'accepted')
          found.push(...accept(scale, house, device, Math.round(t + index * stepMs), stepG))
      })
      return found
    },
  }
}

/** What a bird of this flock should weigh, g. Undefined without a flock, a known breed or an age in its table. */
function targetOf(flock: Flock | undefined, ageDays: number | undefined): number | undefined {
  const standard = flock && findBreedStandard(flock.breed)
  if (!standard || ageDays === undefined) return undefined
  return weightAt(standard, ageDays, flock.sex) ?? weightAt(standard, ageDays)
}
