import { BAD_CHECKSUM, createFramer, type Framer, type Look, NOISE, WAIT } from './framer.ts'

/**
 * GY-MCU90640: MLX90640 thermal array behind an STM32, UART 115200 8N1, 1544 bytes a picture.
 *
 * ```
 *    0  5A 5A             start
 *    2  02 06             u16 LE 1538, bytes that follow up to the checksum
 *    4  i16 LE × 768      °C × 100, 24 rows of 32
 * 1540  i16 LE            the module's own temperature, °C × 100
 * 1542  u16 LE            sum of the 771 words before it, by the manual
 * ```
 * Real boards were found whose last two bytes fit no known sum. So a picture also counts when the next
 * header begins exactly 1544 bytes after its own; but on a board whose sum has fitted `TRUSTED_AFTER` times
 * in a row, a sum that does not fit is damage.
 */
export type GyMcu90640Frame = { ambientCentiC: number; centiC: Int16Array }

export const WIDTH = 32
export const HEIGHT = 24
export const FRAME_BYTES = 1544
const PIXELS = WIDTH * HEIGHT
const SUM_AT = 1542
const HEADER = [0x5a, 0x5a, 0x02, 0x06]
const TRUSTED_AFTER = 3

/** The sensor's range is −40 … 300 °C, the module's own −40 … 85 °C. */
const MIN_CENTI_C = -4000
const MAX_CENTI_C = 30_000
const MAX_AMBIENT_CENTI_C = 8500

export function createGyMcu90640Framer(): Framer<GyMcu90640Frame> {
  let fittingSums = 0
  const look = (bytes: Uint8Array): Look<GyMcu90640Frame> => {
    if (headerBytesAt(bytes, 0) < Math.min(bytes.length, HEADER.length)) return NOISE
    if (bytes.length < FRAME_BYTES) return WAIT
    const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_BYTES)
    if (sumOf(view) === view.getUint16(SUM_AT, true)) {
      fittingSums++
    } else {
      if (fittingSums >= TRUSTED_AFTER) return BAD_CHECKSUM
      if (bytes.length < FRAME_BYTES + HEADER.length) return WAIT
      fittingSums = 0
      // One byte of the next header may be damaged: that is the next picture's loss, not this one's.
      if (headerBytesAt(bytes, FRAME_BYTES) < HEADER.length - 1)
        return { kind: 'skip', bytes: 1, reason: 'truncated' }
    }
    const frame = readFrame(view)
    if (!frame) return { kind: 'skip', bytes: 1, reason: 'implausible' }
    return { kind: 'frame', bytes: FRAME_BYTES, frame }
  }
  return createFramer(FRAME_BYTES + HEADER.length, look, HEADER.slice(0, 1))
}

export function encodeGyMcu90640({ ambientCentiC, centiC }: GyMcu90640Frame): Uint8Array {
  const bytes = new Uint8Array(FRAME_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(HEADER)
  for (let pixel = 0; pixel < PIXELS; pixel++) view.setInt16(4 + pixel * 2, centiC[pixel] ?? 0, true)
  view.setInt16(1540, ambientCentiC, true)
  view.setUint16(SUM_AT, sumOf(view), true)
  return bytes
}

/** How many bytes of a header are in their place at `at`. */
function headerBytesAt(bytes: Uint8Array, at: number): number {
  let count = 0
  for (let index = 0; index < HEADER.length; index++) if (bytes[at + index] === HEADER[index]) count++
  return count
}

function sumOf(view: DataView): number {
  let sum = 0
  for (let at = 0; at < SUM_AT; at += 2) sum += view.getUint16(at, true)
  return sum & 0xffff
}

/** Undefined when a temperature is outside of what the sensor can see. */
function readFrame(view: DataView): GyMcu90640Frame | undefined {
  const ambientCentiC = view.getInt16(1540, true)
  if (ambientCentiC < MIN_CENTI_C || ambientCentiC > MAX_AMBIENT_CENTI_C) return undefined
  const centiC = new Int16Array(PIXELS)
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    const value = view.getInt16(4 + pixel * 2, true)
    if (value < MIN_CENTI_C || value > MAX_CENTI_C) return undefined
    centiC[pixel] = value
  }
  return { ambientCentiC, centiC }
}
