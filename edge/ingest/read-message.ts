import { Compile } from 'typebox/compile'
import { isDialect, type MqttDeviceConfig } from '#domain/config.ts'
import { dialects } from '#domain/dialects/index.ts'
import type { MetricId } from '#domain/metrics.ts'
import { type Reading, rejectReason } from '#domain/reading.ts'
import { ReadingsMessage, type Sample } from '#domain/topics.ts'
import type { CounterName } from '../counters.ts'
import type { SeriesTable } from '../series-table.ts'

export type Rejected = Extract<CounterName, `rejected.${string}`>
export type Reject = (reason: Rejected) => void

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
  into: Reading[],
  reject: Reject,
): void {
  const body = parseJson(payload)
  if (body === undefined) reject('rejected.not-json')
  else if (!readingsMessage.Check(body)) reject('rejected.not-valid')
  else if (!Array.isArray(body)) readSample(table, house, device, body, now, into, reject)
  else for (const sample of body) readSample(table, house, device, sample, now, into, reject)
}

function readSample(
  table: SeriesTable,
  house: string,
  device: string,
  { t, values, source, by }: Sample,
  now: number,
  into: Reading[],
  reject: Reject,
): void {
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
    if (series) into.push({ series, t, value, quality: 'good' })
    else reject('rejected.too-many-series')
  }
}

/** Reads what an MQTT-native device said, in its dialect. Returns whether it said that it is online or offline. */
export function readDialect(
  table: SeriesTable,
  config: MqttDeviceConfig,
  topic: string,
  payload: Buffer,
  now: number,
  into: Reading[],
  reject: Reject,
): { online?: boolean } {
  if (!isDialect(config.dialect)) return {}
  const result = dialects[config.dialect].decode(config.topic, config.metrics ?? {}, topic, payload)
  if (result.kind === 'status') return result.online === undefined ? {} : { online: result.online }
  if (result.kind === 'unreadable') {
    reject(`rejected.${result.reason}`)
    return {}
  }
  for (const { metric, value, t } of result.values) {
    const reason = rejectReason(metric, value, t ?? now, now)
    if (reason) {
      reject(`rejected.${reason}`)
      continue
    }
    const series = table.sensor(config.house, config.id, metric as MetricId)
    into.push({ series, t: t ?? table.stamp(series, now), value, quality: 'good' })
  }
  return {}
}
