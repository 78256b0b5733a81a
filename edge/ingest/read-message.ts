import { Compile } from 'typebox/compile'
import { isDialect, type MqttDeviceConfig } from '#domain/config.ts'
import { dialects } from '#domain/dialects/index.ts'
import type { MetricId } from '#domain/metrics.ts'
import { type Reading, rejectReason } from '#domain/reading.ts'
import { ReadingsMessage, type Sample } from '#domain/topics.ts'
import type { CounterName } from '../counters.ts'
import type { SeriesTable } from '../series-table.ts'
import type { SampleTime, SampleTimes } from './sample-times.ts'

export type Rejected = Extract<CounterName, `rejected.${string}`>
export type Reject = (reason: Rejected) => void

/** Good values of a message: stamped by this edge's clock, and with times of others. */
export type Arrived = { ours: Reading[]; theirs: Reading[]; claims: Map<Reading, number> }

const readingsMessage = Compile(ReadingsMessage)

/** JSON, or undefined. Nothing that a device sends may throw. */
export function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString())
  } catch {
    return undefined
  }
}

/**
 * Reads a message in our own format and adds its good values to `into`. A bad value is reported by its reason
 * and leaves the others of its message untouched.
 */
export function readReadings(
  table: SeriesTable,
  { house, device }: { house: string; device: string },
  payload: Buffer,
  now: number,
  times: SampleTimes,
  into: Arrived,
  reject: Reject,
): void {
  const body = parseJson(payload)
  if (body === undefined || !readingsMessage.Check(body)) {
    reject(body === undefined ? 'rejected.not-json' : 'rejected.not-valid')
    return
  }
  const samples = Array.isArray(body) ? body : [body]
  times.arrived(device, samples.at(-1) as Sample)
  for (const sample of samples) readSample(table, house, device, sample, now, times, into, reject)
}

function readSample(
  table: SeriesTable,
  house: string,
  device: string,
  sample: Sample,
  now: number,
  times: SampleTimes,
  into: Arrived,
  reject: Reject,
): void {
  const { values, source, by } = sample
  const { t, isOurs, claimed } = times.timeOf(device, sample)
  const readings = isOurs ? into.ours : into.theirs
  for (const metric in values) {
    const value = values[metric] as number
    const reason = rejectReason(metric, value, t, now)
    if (reason) {
      reject(`rejected.${reason}`)
      continue
    }
    const series =
      source === undefined || source === 'sensor'
        ? table.sensor(house, device, metric as MetricId)
        : table.named(house, device, metric as MetricId, source, by ?? '')
    if (!series) {
      reject('rejected.too-many-series')
      continue
    }
    const reading: Reading = { series, t, value, quality: 'good' }
    readings.push(reading)
    if (claimed !== undefined) into.claims.set(reading, claimed)
  }
}

/** Reads what an MQTT-native device said, in its dialect. Returns whether it said that it is online or offline. */
export function readDialect(
  table: SeriesTable,
  config: MqttDeviceConfig,
  topic: string,
  payload: Buffer,
  now: number,
  times: SampleTimes,
  into: Arrived,
  reject: Reject,
): { online?: boolean } {
  if (!isDialect(config.dialect)) return {}
  const result = dialects[config.dialect].decode(config.topic, config.metrics ?? {}, topic, payload)
  if (result.kind === 'status') return result.online === undefined ? {} : { online: result.online }
  if (result.kind === 'unreadable') {
    reject(`rejected.${result.reason}`)
    return {}
  }
  const newest = result.values.findLast(({ t }) => t !== undefined)?.t
  if (newest !== undefined) times.arrived(config.id, { t: newest })
  for (const { metric, value, t: said } of result.values) {
    const { t, isOurs, claimed }: SampleTime =
      said === undefined ? { t: now, isOurs: true } : times.timeOf(config.id, { t: said })
    const reason = rejectReason(metric, value, t, now)
    if (reason) {
      reject(`rejected.${reason}`)
      continue
    }
    const series = table.sensor(config.house, config.id, metric as MetricId)
    const reading: Reading = {
      series,
      t: said === undefined ? table.stamp(series, now) : t,
      value,
      quality: 'good',
    }
    if (claimed !== undefined) into.claims.set(reading, claimed)
    if (isOurs) into.ours.push(reading)
    else into.theirs.push(reading)
  }
  return {}
}
