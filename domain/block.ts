import { type Static, Type } from 'typebox'

/**
 * At most one second of scale samples. Blocks go from the bridge to the edge and stay in its ring: they are
 * evidence for a weight, not a series of their own.
 */
export const LoadBlock = Type.Object(
  {
    /** UTC ms of the first sample. */
    t: Type.Integer(),
    /** Milliseconds from one sample to the next. */
    stepMs: Type.Number({ exclusiveMinimum: 0, maximum: 10_000 }),
    /** Load on the platform in grams, tare and litter included. */
    grams: Type.Array(Type.Number(), { minItems: 1, maxItems: 100 }),
  },
  { additionalProperties: false },
)
export type LoadBlock = Static<typeof LoadBlock>

/**
 * At most one second of sound, one channel, on the channel `block` beside the scales' JSON.
 *
 * ```
 *  0  'F' 'W' 'S' '1'      magic and version
 *  4  u16 LE  rate         samples a second
 *  6  u16 LE  count        samples that follow
 *  8  f64 LE  t            UTC ms of the first sample
 * 16  i16 LE × count       full scale ±32768
 * ```
 * Every block says its own length, so blocks written one after the other are a recording.
 */
export type SoundBlock = {
  /** Samples a second. */
  rate: number
  /** UTC ms of the first sample. */
  t: number
  samples: Int16Array
}

const SOUND_HEADER_BYTES = 16
const SOUND_MAGIC = 0x31535746

export function encodeSound({ rate, t, samples }: SoundBlock): Uint8Array {
  const bytes = new Uint8Array(SOUND_HEADER_BYTES + 2 * samples.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, SOUND_MAGIC, true)
  view.setUint16(4, rate, true)
  view.setUint16(6, samples.length, true)
  view.setFloat64(8, t, true)
  samples.forEach((sample, index) => {
    view.setInt16(SOUND_HEADER_BYTES + 2 * index, sample, true)
  })
  return bytes
}

/** True for bytes that claim to be sound: what else comes over the channel is a scale's. */
export function isSound(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === SOUND_MAGIC
}

/** Undefined when the bytes are not one whole block of at most a second. */
export function decodeSound(bytes: Uint8Array): SoundBlock | undefined {
  if (bytes.length < SOUND_HEADER_BYTES || !isSound(bytes)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const rate = view.getUint16(4, true)
  const count = view.getUint16(6, true)
  const t = view.getFloat64(8, true)
  if (count === 0 || count > rate || !Number.isInteger(t)) return undefined
  if (bytes.length !== SOUND_HEADER_BYTES + 2 * count) return undefined
  const samples = Int16Array.from({ length: count }, (_, index) =>
    view.getInt16(SOUND_HEADER_BYTES + 2 * index, true),
  )
  return { rate, t, samples }
}
