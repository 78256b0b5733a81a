/**
 * A Sparkplug B payload as far as it carries numbers: metrics of kinds that are none (data sets, templates, files,
 * arrays) come without a value. Times are UTC ms. Field numbers and datatypes: specification 3.0, §6.4.
 */
export type SparkplugPayload = {
  timestamp?: number
  /** 0 … 255; commands and a node's death carry none. */
  seq?: number
  metrics: SparkplugMetric[]
}

export type SparkplugMetric = {
  name?: string
  /** Stands for the name once a birth has said both. Unsigned 64 bits, so kept as text. */
  alias?: string
  timestamp?: number
  datatype?: number
  /** Kept while there was no line, sent later. */
  isHistorical?: boolean
  isNull?: boolean
  value?: SparkplugValue
}

/** As it stands on the wire: which of the fields 10–14 it is. Whole numbers are unsigned there, whatever they mean. */
export type SparkplugValue =
  | { kind: 'int'; bits: number }
  | { kind: 'long'; bits: bigint }
  | { kind: 'real'; number: number }
  | { kind: 'boolean'; is: boolean }
  | { kind: 'string'; text: string }

export const datatypes = {
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  uint64: 8,
  double: 10,
  boolean: 11,
} as const

/** The number that a metric says, or undefined where it says none. The datatype tells −1 from 2³² − 1. */
export function numberOf(
  value: SparkplugValue | undefined,
  datatype: number | undefined,
): number | undefined {
  switch (value?.kind) {
    case 'int':
      return signed(value.bits, datatype)
    case 'long':
      return Number(datatype === datatypes.int64 ? BigInt.asIntN(64, value.bits) : value.bits)
    case 'real':
      return Number.isFinite(value.number) ? value.number : undefined
    case 'boolean':
      return value.is ? 1 : 0
    default:
      return undefined
  }
}

/** Senders fill a small negative number up to 32 bits or leave it at its own width (§6.4.16): both are read. */
function signed(bits: number, datatype: number | undefined): number {
  if (datatype === datatypes.int8) return (bits << 24) >> 24
  if (datatype === datatypes.int16) return (bits << 16) >> 16
  if (datatype === datatypes.int32) return bits | 0
  return bits
}
