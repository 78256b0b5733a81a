import { crc16 } from './crc16.ts'
import { BAD_CHECKSUM, createFramer, type Framer, NOISE, WAIT } from './framer.ts'

/**
 * The words of an MLX90640 as they come off its I²C bus, passed on by a small board (an ESP32 of ours): the
 * temperatures are worked out here, where emissivity can be changed afterwards.
 *
 * ```
 *  0  'M' 'L' 'X'
 *  3  'E'  EEPROM, 832 words from 0x2400; sent after power-up and once a minute
 *     'R'  RAM, 832 words from 0x0400, control register 800D, status register 8000; sent for every sub-page
 *  4  u16 BE × 832 | 834
 *  …  u16 LE  CRC-16/MODBUS of all before
 * ```
 */
export type Mlx90640RawFrame = { of: 'eeprom' | 'ram'; words: Uint16Array }

const HEADER = [0x4d, 0x4c, 0x58]
const words = { 69: 832, 82: 834 } as const
const kinds = { eeprom: 0x45, ram: 0x52 } as const
const AROUND = 6
const MAX_BYTES = AROUND + 2 * 834

export const createMlx90640RawFramer = (): Framer<Mlx90640RawFrame> =>
  createFramer(MAX_BYTES, (bytes) => {
    for (let at = 0; at < Math.min(bytes.length, HEADER.length); at++)
      if (bytes[at] !== HEADER[at]) return NOISE
    const kind = bytes[3]
    if (kind === undefined) return WAIT
    if (kind !== kinds.eeprom && kind !== kinds.ram) return NOISE
    const length = AROUND + 2 * words[kind]
    if (bytes.length < length) return WAIT
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    if (crc16(bytes, length - 2) !== view.getUint16(length - 2, true)) return BAD_CHECKSUM
    const read = Uint16Array.from({ length: words[kind] }, (_, index) => view.getUint16(4 + 2 * index))
    return { kind: 'frame', bytes: length, frame: { of: kind === kinds.ram ? 'ram' : 'eeprom', words: read } }
  })

export function encodeMlx90640Raw({ of, words: given }: Mlx90640RawFrame): Uint8Array {
  const bytes = new Uint8Array(AROUND + 2 * given.length)
  const view = new DataView(bytes.buffer)
  bytes.set([...HEADER, kinds[of]])
  given.forEach((word, index) => {
    view.setUint16(4 + 2 * index, word)
  })
  view.setUint16(bytes.length - 2, crc16(bytes, bytes.length - 2), true)
  return bytes
}
