import type { Field, ModbusDefinition, Span } from './definition.ts'
import { type ByteOrder, type NumberType, type Profile, type ProfileField, wordsOf } from './profile.ts'
import { tableOfFc } from './register-image.ts'

/** Cheap sensors say these for "no probe" or "fault"; −0.1 °C as int16 tenths is given up for it. */
const usualInvalid: Readonly<Record<NumberType, readonly number[]>> = {
  int16: [0x7fff, 0x8000, 0xffff],
  uint16: [0x7fff, 0x8000, 0xffff],
  int32: [0x7fff_ffff, 0x8000_0000],
  uint32: [0xffff_ffff],
  /** NaN and the infinities mean it without being listed. */
  float32: [],
}
const NAN_WORDS = 0x7fc0_0000

/** Neighbours this close are read in one request, the registers between them too. */
const MAX_GAP = 16
const MAX_SPAN = 125

/** A definition that decodes for the bridge and encodes for the simulator. The profile is one without mistakes. */
export function profileDevice(profile: Profile): ModbusDefinition {
  const { model, title = { zh: model, en: model }, baudRate = 9600, reads, outputs = {} } = profile
  const fields = profile.fields.map(toField)
  return {
    kind: 'modbus',
    model,
    title,
    line: { baudRate },
    fields,
    reads: reads?.map(({ fc, ...span }) => ({ table: tableOfFc[fc], ...span })) ?? spansOf(fields),
    outputs: {
      ...(outputs.siren && { siren: outputs.siren }),
      ...(outputs['fan.emergency'] && { 'fan.emergency': outputs['fan.emergency'] }),
    },
  }
}

function toField(field: ProfileField): Field {
  const { name, metric, address, fc = 3 } = field
  const place = { name, metric, address, table: tableOfFc[fc] }
  return fc <= 2
    ? { ...place, words: 1, step: 1, ...bit }
    : { ...place, words: wordsOf(field), ...number(field) }
}

/** Bits have no fault code. */
const bit = {
  decode: ([raw]: readonly number[]) => raw,
  encode: (value: number | undefined) => (value === undefined ? [] : [value ? 1 : 0]),
}

function number(field: ProfileField): Pick<Field, 'decode' | 'encode' | 'step'> {
  const { type = 'int16', order = 'ABCD', scale = 1, offset = 0, invalid = usualInvalid[type] } = field
  // 654 / 10 is 65.4; 654 × 0.1 need not be.
  const divisor = Math.abs(1 / scale - Math.round(1 / scale)) < 1e-9 ? Math.round(1 / scale) : 0
  return {
    step: type === 'float32' ? 0 : Math.abs(scale),
    decode(words) {
      if (words.length < wordsOf(field)) return undefined
      const raw = rawOf(words, order)
      if (invalid.includes(raw)) return undefined
      const value = fromRaw(raw, type)
      if (!Number.isFinite(value)) return undefined
      return (divisor ? value / divisor : value * scale) + offset
    },
    encode(value) {
      if (value === undefined) {
        const fault = type === 'float32' ? (invalid[0] ?? NAN_WORDS) : invalid[0]
        return fault === undefined ? [] : wordsFor(fault, type, order)
      }
      const plain = value - offset
      return wordsFor(toRaw(divisor ? plain * divisor : plain / scale, type), type, order)
    },
  }
}

/** Reused: these functions never yield. */
const scratch = new DataView(new ArrayBuffer(4))

/** Bits as one unsigned number. */
function rawOf(words: readonly number[], order: ByteOrder): number {
  const [first = 0, second] = words
  if (second === undefined) return first
  const [high, low] = order === 'CDAB' || order === 'DCBA' ? [second, first] : [first, second]
  const isSwapped = order === 'BADC' || order === 'DCBA'
  return (isSwapped ? swap(high) : high) * 0x1_0000 + (isSwapped ? swap(low) : low)
}

function wordsFor(raw: number, type: NumberType, order: ByteOrder): number[] {
  if (!type.endsWith('32')) return [raw & 0xffff]
  const isSwapped = order === 'BADC' || order === 'DCBA'
  const [high, low] = [raw >>> 16, raw & 0xffff].map((word) => (isSwapped ? swap(word) : word)) as [
    number,
    number,
  ]
  return order === 'CDAB' || order === 'DCBA' ? [low, high] : [high, low]
}

const swap = (word: number): number => ((word & 0xff) << 8) | (word >> 8)

function fromRaw(raw: number, type: NumberType): number {
  if (type === 'int16') return raw > 0x7fff ? raw - 0x1_0000 : raw
  if (type === 'int32') return raw > 0x7fff_ffff ? raw - 0x1_0000_0000 : raw
  if (type !== 'float32') return raw
  scratch.setUint32(0, raw)
  return scratch.getFloat32(0)
}

const ranges = {
  int16: [-0x8000, 0x7fff],
  uint16: [0, 0xffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
} as const

/** Values beyond the type are cut to it, as firmware does. */
function toRaw(value: number, type: NumberType): number {
  if (type === 'float32') {
    scratch.setFloat32(0, value)
    return scratch.getUint32(0)
  }
  const [min, max] = ranges[type]
  return Math.min(max, Math.max(min, Math.round(value))) >>> 0
}

function spansOf(fields: readonly Field[]): Span[] {
  const spans: Span[] = []
  const inOrder = [...fields].sort((a, b) => a.table.localeCompare(b.table) || a.address - b.address)
  for (const { table, address, words } of inOrder) {
    const last = spans.at(-1)
    const end = last ? last.address + last.count : 0
    const count = last ? Math.max(end, address + words) - last.address : 0
    if (last?.table === table && address - end <= MAX_GAP && count <= MAX_SPAN) last.count = count
    else spans.push({ table, address, count: words })
  }
  return spans
}
