/** A growing run of bytes. Numbers are LEB128: seven bits a byte, lowest first, the top bit says that more follow. */
export type ByteWriter = {
  byte(value: number): void
  /** A whole number from 0 to 2^53 − 1. */
  number(value: number): void
  /** A whole number of either sign: 0, −1, 1, −2, 2 … become 0, 1, 2, 3, 4 … */
  signed(value: number): void
  bytes(value: Uint8Array): void
  length(): number
  /** A copy of what was written. */
  take(): Uint8Array
}

/** The bytes are not what they should be: `message` says which part. */
export class ColumnsMistake extends Error {}

export type ByteReader = {
  byte(): number
  number(): number
  signed(): number
  bytes(length: number): Uint8Array
  /** Passes over so many numbers, signed or not. */
  skip(count: number): void
  left(): number
}

const LARGEST_32_BIT = 2 ** 31

/** |value| up to 2^52: every time and every value of the metric catalogue. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

export function createByteWriter(): ByteWriter {
  let buffer = new Uint8Array(1024)
  let length = 0
  const room = (count: number) => {
    if (length + count <= buffer.length) return
    const larger = new Uint8Array(Math.max(length + count, buffer.length * 2))
    larger.set(buffer)
    buffer = larger
  }
  const number = (value: number) => {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no whole number ≥ 0`)
    room(8)
    let rest = value
    while (rest >= LARGEST_32_BIT) {
      buffer[length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    while (rest >= 0x80) {
      buffer[length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    buffer[length++] = rest
  }
  return {
    byte(value) {
      room(1)
      buffer[length++] = value
    },
    number,
    signed: (value) => number(zigzag(value)),
    bytes(value) {
      room(value.length)
      buffer.set(value, length)
      length += value.length
    },
    length: () => length,
    take: () => buffer.slice(0, length),
  }
}

/** Every method throws `ColumnsMistake` at the end of the bytes, or for a number that is too large. */
export function createByteReader(bytes: Uint8Array): ByteReader {
  let at = 0
  const byte = () => {
    const value = bytes[at]
    if (value === undefined) throw new ColumnsMistake(`cut off after ${bytes.length} bytes`)
    at++
    return value
  }
  const number = () => {
    let value = 0
    let factor = 1
    for (;;) {
      const next = byte()
      value += (next & 0x7f) * factor
      if (next < 0x80) break
      factor *= 128
      if (factor > 2 ** 49) throw new ColumnsMistake(`a number of more than 53 bits at byte ${at}`)
    }
    if (value > Number.MAX_SAFE_INTEGER)
      throw new ColumnsMistake(`a number of more than 53 bits at byte ${at}`)
    return value
  }
  return {
    byte,
    number,
    signed() {
      const value = number()
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    },
    bytes(length) {
      if (length > bytes.length - at) throw new ColumnsMistake(`cut off after ${bytes.length} bytes`)
      at += length
      return bytes.subarray(at - length, at)
    },
    skip(count) {
      for (let left = count; left > 0; ) if (byte() < 0x80) left--
    },
    left: () => bytes.length - at,
  }
}
