import { Compile } from 'typebox/compile'
import { LoadBlock } from '#domain/block.ts'
import type { NodeConfig } from '#domain/config.ts'
import { type MetricId, metrics, roundFor } from '#domain/metrics.ts'
import { type Detail, type Quality, type Reading, rejectReason, type Series } from '#domain/reading.ts'
import { DAY, HOUR, MAX_AHEAD_MS, MINUTE, startOfLocalDay } from '#domain/time.ts'
import { flockCurveG } from '#domain/weighing/flock-curve.ts'
import { flockDay } from '#domain/weighing/flock-day.ts'
import { gramsOf, type ScaleLine } from '#domain/weighing/scale-line.ts'
import { verdictName, WEIGH_MODEL } from '#domain/weighing/verdicts.ts'
import type { ClockStep } from '../clock/edge-clock.ts'
import type { Counters } from '../counters.ts'
import type { Flocks } from '../flocks.ts'
import { parseJson, type Reject } from '../ingest/read-message.ts'
import type { SeriesTable } from '../series-table.ts'
import { type BirdScale, createBirdScale } from './bird-scale.ts'
import { createDayWeights, type DayWeights } from './day-weights.ts'
import { createLoadWatch, type LoadWatch } from './load-watch.ts'
import { createPace, type Pace } from './pace.ts'
import { isSure, type ScaleEvent, type WeightEvent } from './scale-event.ts'

export type Weighing = {
  /** A block of one scale; gives the readings that it led to. `timeOf`: our time for the sender's. */
  take(
    house: string,
    device: string,
    payload: Buffer,
    now: number,
    reject: Reject,
    timeOf?: (t: number) => number,
  ): Reading[]
  /** The clock was corrected: no bird stands on a scale for a year, and each weight goes to its true day. */
  step(step: ClockStep): void
  /** What people calibrated; a scale that is not named says grams. */
  calibrate(lines: readonly ScaleLine[]): void
  /** What each scale of a house says at this moment, before any calibration: for the eyes of who calibrates it. */
  loads(houses: readonly string[]): Reading[]
}

export type WeighingDeps = {
  houses: NodeConfig['houses']
  flocks: Flocks
  table: SeriesTable
  counters: Counters
  /** Weights of earlier today and the mean of yesterday, to go on after a restart. */
  modelValuesSince(series: Series, from: number): { t: number; value: number }[]
}

type Scale = {
  birds: BirdScale
  pace: Pace
  /** By how much the clock was corrected since the scale was opened: `birds` goes by the uncorrected one. */
  aheadMs: number
  days: DayWeights
  /** Flock over breed, by the last mean. */
  share: number
  saidAt: number
  zeroSaidAt: number
}

const SAY_EVERY_MS = 10 * MINUTE
const SAY_ZERO_EVERY_MS = HOUR
const FARTHEST = 0.25

const block = Compile(LoadBlock)

export function createWeighing({
  houses,
  flocks,
  table,
  counters,
  modelValuesSince,
}: WeighingDeps): Weighing {
  const zones = new Map(houses.map(({ id, timeZone }) => [id, timeZone]))
  const zoneOf = (house: string) => zones.get(house) ?? 'UTC'
  const scales = new Map<string, Scale>()
  const watches = new Map<string, { series: Series; watch: LoadWatch }>()
  let lines = new Map<string, ScaleLine>()

  const seriesOf = (house: string, device: string, metric: MetricId, by = WEIGH_MODEL) =>
    table.named(house, device, metric, 'model', by) as Series
  /** By the calibration that holds now: what was weighed before it was weighed by another scale. */
  const storedFrom = (house: string, device: string, t: number) =>
    modelValuesSince(
      seriesOf(house, device, 'bird.weight'),
      Math.max(t, lines.get(`${house}|${device}`)?.since ?? 0),
    ).map((weight) => ({ t: weight.t, grams: weight.value }))
  const reading = (
    series: Series,
    t: number,
    value: number,
    { quality = 'good', detail }: { quality?: Quality; detail?: Detail } = {},
  ): Reading => {
    const { min, max } = metrics[series.metric]
    const shown = Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : 0
    return { series, t, value: roundFor(series.metric, shown), quality, ...(detail && { detail }) }
  }

  const open = (house: string, device: string, t: number, stepMs: number): Scale => {
    const key = `${house}|${device}`
    const known = scales.get(key)
    if (known) {
      if (known.pace.take(stepMs)) known.birds = createBirdScale({ stepMs: known.pace.stepMs() })
      return known
    }
    const last = modelValuesSince(seriesOf(house, device, 'bird.weight.mean'), t - 2 * DAY).at(-1)
    const flock = flocks.of(house)
    const age = last && flocks.ageDays(house, last.t)
    const due = age === undefined ? undefined : flock && flockCurveG(flock, age)
    const share = last && due ? within(last.value / due) : 1
    const scale: Scale = {
      birds: createBirdScale({ stepMs }),
      pace: createPace(stepMs),
      aheadMs: 0,
      days: createDayWeights(zoneOf(house), (from) => storedFrom(house, device, from)),
      share,
      saidAt: 0,
      zeroSaidAt: 0,
    }
    scales.set(key, scale)
    return scale
  }

  /** Mean, spread and uniformity of the day so far, when there are birds enough. */
  const sayDay = (scale: Scale, house: string, device: string, t: number, ageDays: number): Reading[] => {
    if (t - scale.saidAt < SAY_EVERY_MS) return []
    const flock = flocks.of(house)
    const { day, weights, earlier } = scale.days.known()
    const middayT = startOfLocalDay(day, zoneOf(house)) + 12 * HOUR
    const expectedG = (at: number) =>
      (flock && flockCurveG(flock, ageDays + 0.5 + (at - middayT) / DAY)) ?? Number.NaN
    const result = flockDay(weights, { ageDays, middayT, expectedG, earlier })
    if (!result.ok) return []
    scale.saidAt = t
    const { meanG, low, high, cvPercent, u10Percent, n } = result.day
    scale.share = within(meanG / expectedG(middayT))
    const say = (metric: MetricId, value: number, detail: Detail) =>
      reading(seriesOf(house, device, metric), t, value, { detail })
    return [
      say('bird.weight.mean', meanG, { n, low: Math.round(low), high: Math.round(high) }),
      say('bird.weight.cv', cvPercent, { n }),
      say('bird.weight.uniformity', u10Percent, { n }),
    ]
  }

  const accept = (
    scale: Scale,
    house: string,
    device: string,
    event: WeightEvent,
    ageDays: number,
  ): Reading[] => {
    const t = Math.round(event.t)
    const weight = reading(seriesOf(house, device, 'bird.weight'), t, event.grams)
    if (!scale.days.enter(t)) return [weight]
    scale.days.add({ t, grams: event.grams })
    return [weight, ...sayDay(scale, house, device, t, ageDays)]
  }

  const say = (
    scale: Scale,
    house: string,
    device: string,
    event: ScaleEvent,
    ageDays: number,
  ): Reading[] => {
    const t = Math.round(event.t)
    if (event.kind === 'fault') {
      counters.count(`weigh.fault.${event.fault}`, `scale "${device}" in house "${house}"`)
      return [reading(seriesOf(house, device, 'scale.fault', verdictName(event.fault)), t, event.grams)]
    }
    const refusal = event.kind === 'reject' ? event.reason : isSure(event) ? undefined : 'unsure'
    if (event.kind === 'weight' && refusal === undefined) {
      counters.count('weigh.accepted')
      return accept(scale, house, device, event, ageDays)
    }
    if (refusal === undefined) return []
    counters.count(`weigh.${refusal}`)
    return [reading(seriesOf(house, device, 'bird.weight.refused', verdictName(refusal)), t, event.grams)]
  }

  /** What the empty scale shows, once an hour: against its calibration it tells drift and dirt. */
  const sayZero = (scale: Scale, house: string, device: string, t: number): Reading[] => {
    const zeroG = scale.birds.zeroG()
    if (zeroG === undefined || t - scale.zeroSaidAt < SAY_ZERO_EVERY_MS) return []
    scale.zeroSaidAt = t
    return [reading(seriesOf(house, device, 'scale.zero'), t, zeroG)]
  }

  const watch = (house: string, device: string): LoadWatch => {
    const key = `${house}|${device}`
    let found = watches.get(key)
    if (!found) {
      found = { series: seriesOf(house, device, 'scale.load'), watch: createLoadWatch() }
      watches.set(key, found)
    }
    return found.watch
  }

  return {
    take(house, device, payload, now, reject, timeOf = (t) => t) {
      const body = parseJson(payload)
      if (body === undefined || !block.Check(body)) {
        reject(body === undefined ? 'rejected.not-json' : 'rejected.not-valid')
        return []
      }
      const { stepMs, grams: loads } = body
      const t = timeOf(body.t)
      const { min, max } = metrics['scale.load']
      const reason = rejectReason('scale.load', 0, t, now)
      // A converter at its stops is implausible as grams: the weighing names it, and so has to see it.
      if (reason || loads.some((value) => (value < min || value > max) && !STOPS.has(value))) {
        reject(`rejected.${reason ?? 'implausible'}`)
        return []
      }
      watch(house, device).take(t, loads)
      const ageDays = flocks.ageDays(house, t)
      const flock = flocks.of(house)
      const dueG = flock && ageDays !== undefined ? flockCurveG(flock, ageDays + 0.5) : undefined
      if (dueG === undefined || ageDays === undefined) {
        counters.count('weigh.no-target', `scale "${device}" in house "${house}"`)
        return []
      }
      const scale = open(house, device, t, stepMs)
      const expectedG = dueG * scale.share
      const line = lines.get(`${house}|${device}`)
      const found: Reading[] = []
      for (const [index, load] of loads.entries()) {
        // A converter at its stop is no mass: the weighing names it, and so has to see it as it is.
        const grams = STOPS.has(load) ? load : gramsOf(load, line)
        for (const seen of scale.birds.take(t + index * stepMs - scale.aheadMs, grams, expectedG)) {
          const event = { ...seen, t: seen.t + scale.aheadMs }
          found.push(...say(scale, house, device, event, ageDays))
        }
      }
      found.push(...sayZero(scale, house, device, t))
      return found
    },
    step(step) {
      const { byMs } = step
      // The times of blocks follow the clock of who sends them, as long as that is near ours.
      const isFar = Math.abs(byMs) > MAX_AHEAD_MS
      for (const scale of scales.values()) {
        if (isFar) scale.aheadMs += byMs
        scale.zeroSaidAt += byMs
        if (step.wrong) scale.saidAt = 0
        scale.days.step(step)
      }
    },
    calibrate(wanted) {
      const before = lines
      lines = new Map(wanted.map((line) => [`${line.house}|${line.device}`, line]))
      for (const [key, scale] of scales) {
        const line = lines.get(key)
        if (line?.since === before.get(key)?.since) continue
        scale.birds = createBirdScale({ stepMs: scale.pace.stepMs() })
        scale.days.forgetBefore(line?.since ?? 0)
        scale.zeroSaidAt = 0
        scale.saidAt = 0
      }
    },
    loads: (houses) =>
      [...watches.values()].flatMap(({ series, watch }) => {
        const now = houses.includes(series.house) ? watch.now() : undefined
        return now ? [reading(series, now.t, now.load, { quality: now.isSteady ? 'good' : 'suspect' })] : []
      }),
  }
}

const STOPS = new Set([0x7fffff, -0x800000])

function within(share: number): number {
  return Math.min(1 + FARTHEST, Math.max(1 - FARTHEST, share))
}
