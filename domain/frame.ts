/**
 * A picture of temperatures on its way from the bridge to the edge and the page.
 *
 * ```
 *  0  'F' 'W' 'T' '1'      magic and version
 *  4  u16 LE  width        pixels
 *  6  u16 LE  height       pixels
 *  8  f64 LE  t            UTC ms
 * 16  i16 LE  ambient      °C × 100, the module's own temperature; −32768 where it does not say
 * 18  i16 LE × width·height, °C × 100, row by row from the top left
 * ```
 */
export type ThermalFrame = {
  width: number
  height: number
  /** UTC ms. */
  t: number
  /** Degrees Celsius × 100; `NO_AMBIENT` where the camera does not measure it. */
  ambientCentiC: number
  /** Degrees Celsius × 100, `width * height` values, row by row. */
  centiC: Int16Array
}

export const NO_AMBIENT = -32_768

const HEADER_BYTES = 18
const MAGIC = 0x31545746
/** 640 × 512 is the largest thermal sensor on our list. */
const MAX_PIXELS = 640 * 512

export function encodeThermalFrame(frame: ThermalFrame): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + frame.centiC.length * 2)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint16(4, frame.width, true)
  view.setUint16(6, frame.height, true)
  view.setFloat64(8, frame.t, true)
  view.setInt16(16, frame.ambientCentiC, true)
  frame.centiC.forEach((value, index) => {
    view.setInt16(HEADER_BYTES + index * 2, value, true)
  })
  return bytes
}

/** Undefined when the bytes are not one whole frame: wrong magic, size or an impossible time. */
export function decodeThermalFrame(bytes: Uint8Array): ThermalFrame | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const width = view.getUint16(4, true)
  const height = view.getUint16(6, true)
  const t = view.getFloat64(8, true)
  const pixels = width * height
  if (view.getUint32(0, true) !== MAGIC || pixels === 0 || pixels > MAX_PIXELS) return undefined
  if (bytes.length !== HEADER_BYTES + pixels * 2 || !Number.isInteger(t)) return undefined
  const centiC = new Int16Array(pixels)
  for (let index = 0; index < pixels; index++) centiC[index] = view.getInt16(HEADER_BYTES + index * 2, true)
  return { width, height, t, ambientCentiC: view.getInt16(16, true), centiC }
}
