/**
 * A camera's picture on its way from the bridge to the edge, on the channel `frame` beside thermal frames.
 *
 * ```
 *  0  'F' 'W' 'P' '1'      magic and version
 *  4  u16 LE  width        pixels
 *  6  u16 LE  height       pixels
 *  8  f64 LE  t            UTC ms at which it was taken
 * 16  JPEG, from its SOI marker to its EOI marker
 * ```
 */
export type Picture = {
  width: number
  height: number
  /** UTC ms. A picture is never shown as newer than this. */
  t: number
  jpeg: Uint8Array
}

const HEADER_BYTES = 16
const MAGIC = 0x31505746

/** Below `MAX_MESSAGE_BYTES` with room for header and topic. A JPEG of 1080 lines has a third of it. */
export const MAX_JPEG_BYTES = 900_000

export function encodePicture({ width, height, t, jpeg }: Picture): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + jpeg.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint16(4, width, true)
  view.setUint16(6, height, true)
  view.setFloat64(8, t, true)
  bytes.set(jpeg, HEADER_BYTES)
  return bytes
}

/** True for bytes that claim to be a picture, whole or not: what else comes over the channel is a thermal frame. */
export function isPicture(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === MAGIC
}

/** `jpeg` is a view into `bytes`. Undefined when they are no whole picture: magic, size, time, or a cut JPEG. */
export function decodePicture(bytes: Uint8Array): Picture | undefined {
  if (bytes.length < HEADER_BYTES || !isPicture(bytes)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const width = view.getUint16(4, true)
  const height = view.getUint16(6, true)
  const t = view.getFloat64(8, true)
  const jpeg = bytes.subarray(HEADER_BYTES)
  if (width === 0 || height === 0 || !Number.isInteger(t) || jpeg.length > MAX_JPEG_BYTES) return undefined
  const isWhole = jpeg[0] === 0xff && jpeg[1] === 0xd8 && jpeg.at(-2) === 0xff && jpeg.at(-1) === 0xd9
  return isWhole ? { width, height, t, jpeg } : undefined
}
