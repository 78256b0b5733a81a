import protobuf from 'protobufjs/light.js'
import type { SparkplugMetric, SparkplugPayload, SparkplugValue } from '#domain/sparkplug/payload.ts'

/**
 * Sparkplug B's protobuf payload: bytes to metrics and back. Field numbers and types are those of the
 * specification (3.0, §6.4); what carries no number (data sets, templates, properties, metadata) is stepped over.
 *
 * ```
 * Payload  1 timestamp u64 · 2 metrics · 3 seq u64
 * Metric   1 name · 2 alias u64 · 3 timestamp u64 · 4 datatype u32 · 5 is_historical · 7 is_null
 *          10 int u32 · 11 long u64 · 12 float · 13 double · 14 boolean · 15 string
 * ```
 */
const field = (type: string, id: number) => ({ type, id })
const schema = {
  // With explicit presence: a 0 that was said is another thing than nothing.
  edition: 'proto2',
  nested: {
    Payload: {
      edition: 'proto2',
      fields: {
        timestamp: field('uint64', 1),
        metrics: { rule: 'repeated', ...field('Metric', 2) },
        seq: field('uint64', 3),
      },
    },
    Metric: {
      edition: 'proto2',
      fields: {
        name: field('string', 1),
        alias: field('uint64', 2),
        timestamp: field('uint64', 3),
        datatype: field('uint32', 4),
        isHistorical: field('bool', 5),
        isNull: field('bool', 7),
        intValue: field('uint32', 10),
        longValue: field('uint64', 11),
        floatValue: field('float', 12),
        doubleValue: field('double', 13),
        booleanValue: field('bool', 14),
        stringValue: field('string', 15),
      },
    },
  },
}
const Payload = protobuf.Root.fromJSON(schema).lookupType('Payload')

/** As the library gives and takes it, 64-bit numbers as bigint and as text. */
type Wire64 = bigint | string
type WireMetric = Partial<{
  name: string
  alias: Wire64
  timestamp: Wire64
  datatype: number
  isHistorical: boolean
  isNull: boolean
  intValue: number
  longValue: Wire64
  floatValue: number
  doubleValue: number
  booleanValue: boolean
  stringValue: string
}>
type WirePayload = Partial<{ timestamp: Wire64; metrics: WireMetric[]; seq: Wire64 }>

/** Undefined when the bytes are no payload. Never throws. */
export function decodeSparkplug(bytes: Uint8Array): SparkplugPayload | undefined {
  try {
    const { timestamp, seq, metrics }: WirePayload = Payload.toObject(Payload.decode(bytes), {
      longs: BigInt,
    })
    return {
      metrics: (metrics ?? []).map(fromWire),
      ...(timestamp !== undefined && { timestamp: Number(timestamp) }),
      ...(seq !== undefined && { seq: Number(seq) }),
    }
  } catch {
    return undefined
  }
}

export function encodeSparkplug({ timestamp, seq, metrics }: SparkplugPayload): Uint8Array {
  const wire: WirePayload = {
    metrics: metrics.map(toWire),
    ...(timestamp !== undefined && { timestamp: String(timestamp) }),
    ...(seq !== undefined && { seq: String(seq) }),
  }
  return Payload.encode(Payload.fromObject(wire)).finish()
}

function fromWire(wire: WireMetric): SparkplugMetric {
  const { name, alias, timestamp, datatype, isHistorical, isNull } = wire
  const value = wireToValue(wire)
  return {
    ...(name !== undefined && { name }),
    ...(alias !== undefined && { alias: String(alias) }),
    ...(timestamp !== undefined && { timestamp: Number(timestamp) }),
    ...(datatype !== undefined && { datatype }),
    ...(isHistorical !== undefined && { isHistorical }),
    ...(isNull !== undefined && { isNull }),
    ...(value && { value }),
  }
}

function wireToValue(wire: WireMetric): SparkplugValue | undefined {
  if (wire.intValue !== undefined) return { kind: 'int', bits: wire.intValue }
  if (wire.longValue !== undefined) return { kind: 'long', bits: BigInt(wire.longValue) }
  const real = wire.doubleValue ?? wire.floatValue
  if (real !== undefined) return { kind: 'real', number: real }
  if (wire.booleanValue !== undefined) return { kind: 'boolean', is: wire.booleanValue }
  if (wire.stringValue !== undefined) return { kind: 'string', text: wire.stringValue }
  return undefined
}

function toWire({ value, alias, timestamp, ...plain }: SparkplugMetric): WireMetric {
  return {
    ...plain,
    ...(alias !== undefined && { alias }),
    ...(timestamp !== undefined && { timestamp: String(timestamp) }),
    ...(value && valueToWire(value)),
  }
}

function valueToWire(value: SparkplugValue): WireMetric {
  switch (value.kind) {
    case 'int':
      return { intValue: value.bits }
    case 'long':
      return { longValue: String(value.bits) }
    case 'real':
      return { doubleValue: value.number }
    case 'boolean':
      return { booleanValue: value.is }
    case 'string':
      return { stringValue: value.text }
  }
}
