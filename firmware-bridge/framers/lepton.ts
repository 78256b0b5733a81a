import { createFramer, type Framer, type Look, WAIT } from './framer.ts'

/**
 * FLIR Lepton behind a PureThermal board, as V4L2's Y16 through ffmpeg: bare pictures, one after the other, 160 × 120
 * (Lepton 3) or 80 × 60 (Lepton 2); with telemetry, its four rows of 80 words stand below or above the picture.
 *
 * ```
 *  0            u16 LE × width·height   kelvin × 100 (TLinear at 0.01 K); °C = (v − 27315) / 100
 *  …            telemetry, words of row A (FLIR 500-0659-00-09 rev 203):
 *   word 3, 4     status, low word first; bits 4 and 5 are the shutter's: 1 imminent, 2 in progress, 3 done
 *   word 24       temperature of the sensor itself, kelvin × 100
 * ```
 * While its shutter is closed (FFC, every three minutes) the sensor sees the shutter, or repeats its last picture.
 * Without telemetry a picture that repeats the one before to the last bit is dropped: a live one has noise.
 */
export type LeptonFrame = {
  /** °C × 100. */
  centiC: Int16Array
  /** °C × 100, where there is telemetry. */
  sensorCentiC: number | undefined
  isShutterClosed: boolean
}

export type LeptonSize = {
  width: number
  height: number
  telemetryRows: number
  telemetryAt: 'below' | 'above'
}

const ZERO_C = 27_315
/** °C × 100. Colder is no temperature; hotter, a brooder in low gain, is as hot as a frame can say. */
const MIN_CENTI_C = -4000
const MAX_CENTI_C = 32_767
const STATUS_LOW = 3
const SENSOR_KELVIN = 24

export function createLeptonFramer(size: LeptonSize): Framer<LeptonFrame> {
  const frameBytes = 2 * size.width * (size.height + size.telemetryRows)
  let before: Uint8Array | undefined
  return createFramer(frameBytes, (bytes): Look<LeptonFrame> => {
    if (bytes.length < frameBytes) return WAIT
    const whole = bytes.slice(0, frameBytes)
    const frame = readFrame(whole, size)
    if (!frame) return { kind: 'skip', bytes: frameBytes, reason: 'implausible' }
    const pixels = pixelsOf(whole, size)
    const isRepeated = before !== undefined && Buffer.compare(before, pixels) === 0
    before = pixels
    if (isRepeated || frame.isShutterClosed) return { kind: 'gap', bytes: frameBytes }
    return { kind: 'frame', bytes: frameBytes, frame }
  })
}

export function encodeLepton(
  { centiC, sensorCentiC = 0, isShutterClosed }: LeptonFrame,
  size: LeptonSize,
): Uint8Array {
  const bytes = new Uint8Array(2 * size.width * (size.height + size.telemetryRows))
  const view = new DataView(bytes.buffer)
  const pixelsAt = pixelsOffset(size)
  centiC.forEach((value, index) => {
    view.setUint16(pixelsAt + 2 * index, value + ZERO_C, true)
  })
  if (size.telemetryRows > 0) {
    const at = telemetryOffset(size)
    view.setUint16(at + 2 * STATUS_LOW, isShutterClosed ? 2 << 4 : 3 << 4, true)
    view.setUint16(at + 2 * SENSOR_KELVIN, sensorCentiC + ZERO_C, true)
  }
  return bytes
}

const telemetryBytes = ({ width, telemetryRows }: LeptonSize): number => 2 * width * telemetryRows
const pixelsOffset = (size: LeptonSize): number => (size.telemetryAt === 'above' ? telemetryBytes(size) : 0)
const telemetryOffset = (size: LeptonSize): number =>
  size.telemetryAt === 'above' ? 0 : 2 * size.width * size.height
const pixelsOf = (bytes: Uint8Array, size: LeptonSize): Uint8Array =>
  bytes.subarray(pixelsOffset(size), pixelsOffset(size) + 2 * size.width * size.height)

/** Undefined when it says what no Lepton can see: raw counts of one without radiometry, or a colour format. */
function readFrame(bytes: Uint8Array, size: LeptonSize): LeptonFrame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const pixelsAt = pixelsOffset(size)
  const centiC = new Int16Array(size.width * size.height)
  for (let pixel = 0; pixel < centiC.length; pixel++) {
    const value = view.getUint16(pixelsAt + 2 * pixel, true) - ZERO_C
    if (value < MIN_CENTI_C) return undefined
    centiC[pixel] = Math.min(value, MAX_CENTI_C)
  }
  if (size.telemetryRows === 0) return { centiC, sensorCentiC: undefined, isShutterClosed: false }
  const telemetryAt = telemetryOffset(size)
  const shutter = (view.getUint16(telemetryAt + 2 * STATUS_LOW, true) >> 4) & 3
  const sensorCentiC = view.getUint16(telemetryAt + 2 * SENSOR_KELVIN, true) - ZERO_C
  return { centiC, sensorCentiC, isShutterClosed: shutter === 1 || shutter === 2 }
}
