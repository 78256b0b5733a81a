import { type MetricId, roundFor } from '#domain/metrics.ts'
import { MINUTE } from '#domain/time.ts'
import { MAX_SAMPLES_PER_MESSAGE, type Sample, topicFor } from '#domain/topics.ts'
import { type DeviceRole, deviceIds } from './farm-layout.ts'
import type { HouseModel, Values } from './model/house-model.ts'
import { createRandom } from './random.ts'

/**
 * What a farm's logger would have kept: the model run fast, its sensors read at a steady step, and the
 * figures that the edge's own models would have made of scale and thermal array.
 */
export type HistoryOptions = {
  house: string
  seed: number
  /** UTC ms; the model must stand at or before it. */
  from: number
  to: number
  stepMs: number
  /** From here on `fineStepMs` holds. */
  fineFrom: number
  fineStepMs: number
}

/** One message as it goes to the broker; `t` is its oldest sample's time. */
export type HistoryMessage = { t: number; topic: string; payload: string; samples: number }

/** The edge's weighing, by whose hand its means travel. */
const WEIGHT_MODEL = 'weigh-stands@2'

/** A weight is told this often. */
const WEIGHT_EVERY_MS = 10 * MINUTE
/** A mean of some hundred birds is off by this share, and by nearly as much the next time. */
const WEIGHT_ERROR = 0.004
const WEIGHT_MEMORY = 0.95

/** Runs the model to `to`. Gives messages of at most `MAX_SAMPLES_PER_MESSAGE` samples, oldest first for each device. */
export function* makeHistory(model: HouseModel, options: HistoryOptions): Generator<HistoryMessage> {
  const { house, to, fineFrom } = options
  const ids = deviceIds(house)
  const random = createRandom(options.seed, `${house}/history`)
  const waiting = new Map<DeviceRole, Sample[]>()
  let weightError = WEIGHT_ERROR * random.normal()
  let weighedAt = 0

  const flush = function* (): Generator<HistoryMessage> {
    for (const [role, samples] of waiting) {
      const first = samples[0]
      if (!first) continue
      yield {
        t: first.t,
        topic: topicFor(house, ids[role], 'readings'),
        payload: JSON.stringify(samples),
        samples: samples.length,
      }
    }
    waiting.clear()
  }
  const add = (role: DeviceRole, sample: Sample) => {
    const samples = waiting.get(role)
    if (samples) samples.push(sample)
    else waiting.set(role, [sample])
  }

  let instants = 0
  for (let t = nextStep(options, options.from); t < to; t = nextStep(options, t + 1)) {
    const passedMs = t - model.now()
    model.step(passedMs)
    const { air, nh3, relay, meters, zigbee } = model.measure()
    add('air', { t, values: air })
    add('nh3', { t, values: nh3 })
    add('relay', { t, values: { ...relay, 'siren.on': 0, 'fan.emergency': 0 } })
    add('meters', { t, values: meters })
    add('zigbee', { t, values: zigbee })
    add('thermal', {
      t,
      values: picturedValues(model.look(passedMs).centiC),
    })
    const { birds } = model.truth()
    if (t - weighedAt >= WEIGHT_EVERY_MS && birds.alive > 0) {
      weighedAt = t
      weightError =
        WEIGHT_MEMORY * weightError + Math.sqrt(1 - WEIGHT_MEMORY ** 2) * WEIGHT_ERROR * random.normal()
      const mean = roundFor('bird.weight.mean', birds.meanWeightG * (1 + weightError))
      add('scale', { t, values: { 'bird.weight.mean': mean }, source: 'model', by: WEIGHT_MODEL })
    }
    instants++
    if (instants % MAX_SAMPLES_PER_MESSAGE === 0 || (t < fineFrom && nextStep(options, t + 1) >= fineFrom))
      yield* flush()
  }
  yield* flush()
  model.step(to - model.now())
}

/** The first instant at or after `t` on the grid of its step. */
function nextStep({ stepMs, fineFrom, fineStepMs }: HistoryOptions, t: number): number {
  const step = t >= fineFrom ? fineStepMs : stepMs
  const next = Math.ceil(t / step) * step
  return t < fineFrom && next >= fineFrom ? Math.ceil(fineFrom / fineStepMs) * fineStepMs : next
}

function picturedValues(centiC: Int16Array): Values {
  let max = Number.NEGATIVE_INFINITY
  let min = Number.POSITIVE_INFINITY
  let sum = 0
  for (const value of centiC) {
    sum += value
    if (value > max) max = value
    if (value < min) min = value
  }
  const inDegrees = (metric: MetricId, centi: number) => roundFor(metric, centi / 100)
  return {
    'thermal.max': inDegrees('thermal.max', max),
    'thermal.mean': inDegrees('thermal.mean', sum / centiC.length),
    'thermal.min': inDegrees('thermal.min', min),
  }
}

const HISTORY_IN_FLIGHT = 20

/**
 * Publishes in the given order, at most `HISTORY_IN_FLIGHT` unacknowledged. Ends early, without an error, when
 * the connection is closed; `onAcknowledged` is told of every message that arrived.
 */
export async function publishPaced(
  messages: readonly HistoryMessage[],
  publish: (message: HistoryMessage) => Promise<void>,
  onAcknowledged: (message: HistoryMessage) => void,
): Promise<void> {
  let next = 0
  const worker = async () => {
    for (let message = messages[next++]; message; message = messages[next++]) {
      await publish(message)
      onAcknowledged(message)
    }
  }
  await Promise.allSettled(Array.from({ length: HISTORY_IN_FLIGHT }, worker))
}
