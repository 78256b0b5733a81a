import { ColumnsMistake, createByteReader, createByteWriter } from './bytes.ts'

/** Which clock stamped the readings: `t − offsetMs` is the time since that boot, which never jumps. */
export type ClockStamp = {
  /** 16 hex digits, another one after every boot. */
  boot: string
  /** Wall time less monotonic time, ms. */
  offsetMs: number
}

/**
 * What stands before the columns of a batch of the lane `readings`: the numbers `from … to` of an epoch.
 * Numbers that bring no reading are accounted for: `thinned` to make room on the edge's disk, `damaged` on it, or set
 * `aside` as the cloud would not take them.
 */
export type BatchHeader = {
  /** 16 hex digits. */
  epoch: string
  from: number
  to: number
  clock?: ClockStamp
  /**
   * These readings were sent before with a wrong time: each at its t − movedByMs. That one is withdrawn, this one
   * stands for it.
   */
  movedByMs: number
  thinned: number
  damaged: number
  aside: number
  /** First 8 bytes of the SHA-256 of the dictionary's JSON, as 16 hex digits; none: it is in the body. */
  dictionary?: string
}

const VERSION = 1
const HAS_CLOCK = 1
const HAS_DICTIONARY = 2
const IS_MOVED = 4
const HAS_GONE = 8

/**
 * ```
 * byte    version, 1
 * byte    1 × has a clock + 2 × has a dictionary + 4 × is moved + 8 × numbers are gone
 * 8 bytes epoch
 * number  from
 * number  to − from
 * 8 bytes boot, signed offset             if it has a clock
 * 8 bytes dictionary                      if it has one
 * signed  movedByMs                       if it is moved
 * number  thinned, damaged, aside         if numbers are gone
 * ```
 */
export function encodeBatchHeader(header: BatchHeader): Uint8Array {
  const { epoch, from, to, clock, movedByMs, thinned, damaged, aside, dictionary } = header
  const isGone = thinned + damaged + aside > 0
  const writer = createByteWriter()
  writer.byte(VERSION)
  writer.byte(
    (clock ? HAS_CLOCK : 0) +
      (dictionary ? HAS_DICTIONARY : 0) +
      (movedByMs === 0 ? 0 : IS_MOVED) +
      (isGone ? HAS_GONE : 0),
  )
  writer.bytes(bytesOfHex(epoch))
  writer.number(from)
  writer.number(to - from)
  if (clock) {
    writer.bytes(bytesOfHex(clock.boot))
    writer.signed(clock.offsetMs)
  }
  if (dictionary) writer.bytes(bytesOfHex(dictionary))
  if (movedByMs !== 0) writer.signed(movedByMs)
  if (isGone) for (const count of [thinned, damaged, aside]) writer.number(count)
  return writer.take()
}

/** The header at the front of `bytes`, and where what follows it begins. Throws `ColumnsMistake`. */
export function decodeBatchHeader(bytes: Uint8Array): { header: BatchHeader; length: number } {
  const reader = createByteReader(bytes)
  const version = reader.byte()
  if (version !== VERSION) throw new ColumnsMistake(`version ${version} of batches is not known here`)
  const flags = reader.byte()
  const header: BatchHeader = {
    epoch: hexOfBytes(reader.bytes(8)),
    from: reader.number(),
    to: 0,
    movedByMs: 0,
    thinned: 0,
    damaged: 0,
    aside: 0,
  }
  header.to = header.from + reader.number()
  if (header.from < 1 || !Number.isSafeInteger(header.to))
    throw new ColumnsMistake(`no run begins at ${header.from}`)
  if (flags & HAS_CLOCK) header.clock = { boot: hexOfBytes(reader.bytes(8)), offsetMs: reader.signed() }
  if (flags & HAS_DICTIONARY) header.dictionary = hexOfBytes(reader.bytes(8))
  if (flags & IS_MOVED) header.movedByMs = reader.signed()
  if (flags & HAS_GONE) {
    header.thinned = reader.number()
    header.damaged = reader.number()
    header.aside = reader.number()
  }
  return { header, length: bytes.length - reader.left() }
}

const HEX_16 = /^[0-9a-f]{16}$/

function bytesOfHex(hex: string): Uint8Array {
  if (!HEX_16.test(hex)) throw new RangeError(`"${hex}" is not 16 hex digits`)
  return Uint8Array.from({ length: 8 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  )
}

function hexOfBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
