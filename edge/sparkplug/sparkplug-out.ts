import { isBinary } from '#domain/home-assistant/discovery.ts'
import { type MetricId, roundFor } from '#domain/metrics.ts'
import type { Reading, Series } from '#domain/reading.ts'
import { datatypes, type SparkplugMetric, type SparkplugPayload } from '#domain/sparkplug/payload.ts'
import { parseSparkplugTopic, type SparkplugType, sparkplugTopic } from '#domain/sparkplug/topic.ts'
import type { Outlet } from '../outlets/outlet.ts'
import { decodeSparkplug, encodeSparkplug } from './payload-codec.ts'

/**
 * The edge as an edge node of Sparkplug B, for a plant that has a SCADA: births with names and aliases, data by
 * alias, one payload for each device and second. Nobody can command anything but a rebirth.
 */
export type SparkplugOut = {
  take(reading: Reading, late: boolean): void
  /** Sends what came since the last call. Call about once a second. */
  tick(now: number): void
  /** A new connection: it has a death of its own, and everything is born anew. */
  connected(now: number): void
  /** For the broker outside to publish when this connection breaks. */
  will(): { topic: string; payload: Uint8Array; retain: boolean }
  /** A command to this node. */
  command(topic: string, payload: Uint8Array, now: number): void
  /** Somebody new listens who has heard no birth. */
  rebirth(now: number): void
  close(): void
}

export type SparkplugOutDeps = { outlet(): Outlet; group: string; node: string; known: readonly Reading[] }

type Known = { alias: number; name: string; last: Reading }
type Device = { isBorn: boolean; metrics: Map<Series, Known>; fresh: { reading: Reading; late: boolean }[] }
const MAX_FRESH = 1_000

export function createSparkplugOut({ outlet, group, node, known }: SparkplugOutDeps): SparkplugOut {
  const devices = new Map<string, Device>()
  let nextAlias = 1
  let seq = 0
  let bdSeq = 0
  let isConnected = false

  const learn = (reading: Reading): Device => {
    const { series } = reading
    const device = devices.get(series.device) ?? {
      isBorn: false,
      metrics: new Map<Series, Known>(),
      fresh: [],
    }
    devices.set(series.device, device)
    const metric = device.metrics.get(series)
    if (!metric) {
      const name = series.source === 'sensor' ? series.metric : `${series.metric}/${series.by}`
      device.metrics.set(series, { alias: nextAlias++, name, last: reading })
      // A birth names everything that a device may say (§6.4.19): one more is one more birth.
      device.isBorn = false
    } else if (reading.t >= metric.last.t) metric.last = reading
    return device
  }
  for (const reading of known) learn(reading)

  const send = (type: SparkplugType, payload: SparkplugPayload, device?: string) =>
    outlet().publish(
      sparkplugTopic({ group, node, type, ...(device !== undefined && { device }) }),
      encodeSparkplug(payload),
      false,
    )
  const nextSeq = () => {
    seq = (seq + 1) % 256
    return seq
  }
  const bdSeqMetric = (now?: number): SparkplugMetric => ({
    name: 'bdSeq',
    ...(now !== undefined && { timestamp: now }),
    datatype: datatypes.int64,
    value: { kind: 'long', bits: BigInt(bdSeq) },
  })

  const bearDevice = (id: string, device: Device, now: number) => {
    const metrics = [...device.metrics.values()].map(({ alias, name, last }) => ({
      name,
      alias: String(alias),
      timestamp: last.t,
      ...typed(last.series.metric, last.value),
    }))
    device.isBorn = true
    send('DBIRTH', { timestamp: now, seq: nextSeq(), metrics }, id)
  }
  const bear = (now: number) => {
    seq = 0
    send('NBIRTH', {
      timestamp: now,
      seq,
      metrics: [
        bdSeqMetric(now),
        {
          name: 'Node Control/Rebirth',
          timestamp: now,
          datatype: datatypes.boolean,
          value: { kind: 'boolean', is: false },
        },
      ],
    })
    for (const [id, device] of devices) bearDevice(id, device, now)
  }
  const death = () => encodeSparkplug({ metrics: [bdSeqMetric()] })
  const deathTopic = sparkplugTopic({ group, node, type: 'NDEATH' })

  return {
    take(reading, late) {
      const device = learn(reading)
      if (!isConnected) return
      if (device.fresh.length < MAX_FRESH) device.fresh.push({ reading, late })
    },
    tick(now) {
      if (!isConnected) return
      for (const [id, device] of devices) {
        if (!device.isBorn) bearDevice(id, device, now)
        if (device.fresh.length === 0) continue
        const metrics = device.fresh.map(({ reading, late }) => ({
          alias: String(device.metrics.get(reading.series)?.alias),
          timestamp: reading.t,
          ...(late && { isHistorical: true }),
          ...typed(reading.series.metric, reading.value),
        }))
        device.fresh = []
        send('DDATA', { timestamp: now, seq: nextSeq(), metrics }, id)
      }
    },
    connected(now) {
      isConnected = true
      bear(now)
    },
    will() {
      bdSeq = (bdSeq + 1) % 256
      return { topic: deathTopic, payload: death(), retain: false }
    },
    command(topic, bytes, now) {
      if (parseSparkplugTopic(topic)?.type !== 'NCMD') return
      const asks = decodeSparkplug(bytes)?.metrics.some(
        ({ name, value }) => name === 'Node Control/Rebirth' && value?.kind === 'boolean' && value.is,
      )
      if (asks) bear(now)
    },
    rebirth(now) {
      if (isConnected) bear(now)
    },
    close() {
      if (isConnected) outlet().publish(deathTopic, death(), false)
      isConnected = false
    },
  }
}

function typed(metric: MetricId, value: number): Pick<SparkplugMetric, 'datatype' | 'value'> {
  return isBinary(metric)
    ? { datatype: datatypes.boolean, value: { kind: 'boolean', is: value > 0.5 } }
    : { datatype: datatypes.double, value: { kind: 'real', number: roundFor(metric, value) } }
}
