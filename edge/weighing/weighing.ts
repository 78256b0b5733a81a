import { Compile } from 'typebox/compile'
import { LoadBlock } from '#domain/block.ts'
import { weightAt } from '#domain/breeds/breed-standard.ts'
import { findBreedStandard } from '#domain/breeds/breed-standards.ts'
import type { NodeConfig } from '#domain/config.ts'
import { type MetricId, metrics, roundFor } from '#domain/metrics.ts'
import { type Detail, type Reading, rejectReason, type Series } from '#domain/reading.ts'
import { DAY, HOUR, localDay, MAX_AHEAD_MS, MINUTE, startOfLocalDay } from '#domain/time.ts'
import { type BirdWeight, flockDay } from '#domain/weighing/flock-day.ts'
import type { ClockStep } from '../clock/edge-clock.ts'
import type { Counters } from '../counters.ts'
import type { Flock, Flocks } from '../flocks.ts'
import { parseJson, type Reject } from '../ingest/read-message.ts'
import type { SeriesTable } from '../series-table.ts'
import { type BirdScale, createBirdScale } from './bird-scale.ts'
import type { ScaleEvent } from './scale-event.ts'

/** The name under which its weights travel. A change of method is a new name, and so a new series. */
export const WEIGH_MODEL = 'weigh-stands@2'

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
  stepMs: number
  /** By how much the clock was corrected since the scale was opened: `birds` goes by the uncorrected one. */
  aheadMs: number
  day: string
  weights: BirdWeight[]
  /** Weights that a correction moved, for the day that is entered next. */
  moved: BirdWeight[]
  /** How many weights the day had, kept or not. */
  seen: number
  /** Flock over breed, by the last mean. */
  share: number
  saidAt: number
}

const SAY_EVERY_MS = 10 * MINUTE
/** As many as the systems of the trade keep; of more, each has the same chance to stay. */
const MAX_WEIGHTS = 9_999
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
  const scales = new Map<string, Scale>()

  const seriesOf = (house: string, device: string, metric: MetricId) =>
    table.named(house, device, metric, 'model', WEIGH_MODEL) as Series

  const keep = (scale: Scale, weight: BirdWeight) => {
    scale.seen++
    if (scale.weights.length < MAX_WEIGHTS) scale.weights.push(weight)
    // A stride that no habit of birds follows: cheaper than chance, and the same after a restart.
    else scale.weights[(scale.seen * 7919) % MAX_WEIGHTS] = weight
  }

  /** Moves the day on; false for a weight of a day that is over. */
  const enterDay = (scale: Scale, house: string, device: string, t: number): boolean => {
    const zone = zones.get(house) ?? 'UTC'
    const day = localDay(t, zone)
    if (day < scale.day) return false
    if (day === scale.day) return true
    scale.day = day
    scale.weights = []
    scale.seen = 0
    const from = startOfLocalDay(day, zone)
    const stored = modelValuesSince(seriesOf(house, device, 'bird.weight'), from)
    for (const { t: at, value } of stored) keep(scale, { t: at, grams: value })
    const known = new Set(stored.map(({ t: at }) => at))
    for (const weight of scale.moved)
      if (!known.has(weight.t) && localDay(weight.t, zone) === day) keep(scale, weight)
    scale.moved = []
    return true
  }

  const open = (house: string, device: string, t: number, stepMs: number): Scale => {
    const key = `${house}|${device}`
    const known = scales.get(key)
    if (known) {
      if (known.stepMs !== stepMs) known.birds = createBirdScale({ stepMs })
      known.stepMs = stepMs
      return known
    }
    const last = modelValuesSince(seriesOf(house, device, 'bird.weight.mean'), t - 2 * DAY).at(-1)
    const flock = flocks.of(house)
    const age = last && flocks.ageDays(house, last.t)
    const due = age === undefined ? undefined : curveOf(flock, age)
    const share = last && due ? within(last.value / due) : 1
    const scale = {
      birds: createBirdScale({ stepMs }),
      stepMs,
      aheadMs: 0,
      day: '',
      weights: [],
      moved: [],
      seen: 0,
      share,
      saidAt: 0,
    }
    scales.set(key, scale)
    return scale
  }

  /** Mean, spread and uniformity of the day so far, when there are birds enough. */
  const sayDay = (scale: Scale, house: string, device: string, t: number, ageDays: number): Reading[] => {
    if (t - scale.saidAt < SAY_EVERY_MS) return []
    const flock = flocks.of(house)
    const middayT = startOfLocalDay(scale.day, zones.get(house) ?? 'UTC') + 12 * HOUR
    const expectedG = (at: number) => curveOf(flock, ageDays + 0.5 + (at - middayT) / DAY) ?? Number.NaN
    const result = flockDay(scale.weights, { ageDays, middayT, expectedG })
    if (!result.ok) return []
    scale.saidAt = t
    const { meanG, low, high, cvPercent, u10Percent, n } = result.day
    scale.share = within(meanG / expectedG(middayT))
    const reading = (metric: MetricId, value: number, detail: Detail): Reading => ({
      series: seriesOf(house, device, metric),
      t,
      value: roundFor(metric, value),
      quality: 'good',
      detail,
    })
    return [
      reading('bird.weight.mean', meanG, { n, low: Math.round(low), high: Math.round(high) }),
      reading('bird.weight.cv', cvPercent, { n }),
      reading('bird.weight.uniformity', u10Percent, { n }),
    ]
  }

  const accept = (
    scale: Scale,
    house: string,
    device: string,
    event: Extract<ScaleEvent, { kind: 'weight' }>,
    ageDays: number,
  ): Reading[] => {
    const t = Math.round(event.t)
    const weight: Reading = {
      series: seriesOf(house, device, 'bird.weight'),
      t,
      value: Math.round(event.grams),
      quality: event.confidence < LOW_CONFIDENCE ? 'suspect' : 'good',
    }
    if (!enterDay(scale, house, device, t)) return [weight]
    keep(scale, { t, grams: event.grams })
    return [weight, ...sayDay(scale, house, device, t, ageDays)]
  }

  return {
    take(house, device, payload, now, reject, timeOf = (t) => t) {
      const body = parseJson(payload)
      if (body === undefined || !block.Check(body)) {
        reject(body === undefined ? 'rejected.not-json' : 'rejected.not-valid')
        return []
      }
      const { stepMs, grams } = body
      const t = timeOf(body.t)
      const { min, max } = metrics['scale.load']
      // A converter at its stops is implausible as grams: the weighing names it, and so has to see it.
      const reason = rejectReason('scale.load', 0, t, now)
      if (reason || grams.some((value) => (value < min || value > max) && !STOPS.has(value))) {
        reject(`rejected.${reason ?? 'implausible'}`)
        return []
      }
      const ageDays = flocks.ageDays(house, t)
      const dueG = ageDays === undefined ? undefined : curveOf(flocks.of(house), ageDays + 0.5)
      if (dueG === undefined || ageDays === undefined) {
        counters.count('weigh.no-target', `scale "${device}" in house "${house}"`)
        return []
      }
      const scale = open(house, device, t, stepMs)
      const expectedG = dueG * scale.share
      const found: Reading[] = []
      for (const [index, value] of grams.entries()) {
        for (const seen of scale.birds.take(t + index * stepMs - scale.aheadMs, value, expectedG)) {
          const event = { ...seen, t: seen.t + scale.aheadMs }
          if (event.kind === 'weight') {
            counters.count('weigh.accepted')
            found.push(...accept(scale, house, device, event, ageDays))
          } else if (event.kind === 'reject') counters.count(`weigh.${event.reason}`)
          else counters.count(`weigh.fault.${event.fault}`, `scale "${device}" in house "${house}"`)
        }
      }
      return found
    },
    step({ byMs, wrong }) {
      // The times of blocks follow the clock of who sends them, as long as that is near ours.
      const isFar = Math.abs(byMs) > MAX_AHEAD_MS
      for (const scale of scales.values()) {
        if (isFar) scale.aheadMs += byMs
        if (!wrong) continue
        scale.weights = scale.weights.map((weight) => {
          const isWrong = weight.t >= wrong.fromT && weight.t <= wrong.toT
          return isWrong ? { ...weight, t: weight.t + byMs } : weight
        })
        scale.moved = scale.weights
        scale.day = ''
        scale.saidAt = 0
      }
    },
  }
}

const LOW_CONFIDENCE = 0.3
const STOPS = new Set([0x7fffff, -0x800000])

function within(share: number): number {
  return Math.min(1 + FARTHEST, Math.max(1 - FARTHEST, share))
}

/** What a bird of this breed weighs at an age, g; held at the ends of the table by a day. */
function curveOf(flock: Flock | undefined, ageDays: number): number | undefined {
  const standard = flock && findBreedStandard(flock.breed)
  if (!standard) return undefined
  const at = (age: number) => weightAt(standard, age, flock.sex) ?? weightAt(standard, age)
  return at(ageDays) ?? at(ageDays - 0.5)
}
