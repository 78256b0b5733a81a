import { createFramer, type Framer, type Look, WAIT } from './framer.ts'

/**
 * JPEG pictures one after the other, ITU-T T.81 Annex B:
 *
 * ```
 *  0  FF D8              start of image
 *  …  FF xx u16 BE …     segments: the length counts itself, not the marker. SOF0 … SOF15 (C0 … CF but C4, C8, CC)
 *                        has u8 precision, u16 BE height, u16 BE width
 *     FF DA u16 BE …     start of a scan; its data go on to the next marker but FF 00 (a byte of FF) and RST (D0 … D7)
 *  …  FF D9              end of image
 * ```
 * A picture inside a picture (a thumbnail in a segment) is passed over with its segment.
 */
export type JpegFrame = { jpeg: Uint8Array; width: number; height: number }

/** Larger ones are noise; a picture of 12 megapixels has less. */
const MAX_BYTES = 8_000_000

export const createJpegFramer = (): Framer<JpegFrame> => createFramer(MAX_BYTES, look)

/** Undefined when the bytes do not begin as a JPEG, or end before they say how large it is. */
export function jpegSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  return walk(bytes).size
}

export function isWholeJpeg(bytes: Uint8Array): boolean {
  const { end, size } = walk(bytes)
  return end === 'whole' && size !== undefined
}

function look(bytes: Uint8Array): Look<JpegFrame> {
  const start = startIn(bytes)
  if (start > 0) return { kind: 'skip', bytes: start, reason: 'noise' }
  const { end, at, size } = walk(bytes)
  if (end === 'more') return WAIT
  if (end === 'broken') return { kind: 'skip', bytes: Math.max(1, at), reason: 'truncated' }
  if (!size) return { kind: 'skip', bytes: at, reason: 'implausible' }
  // A copy: the caller may fill its buffer again.
  return { kind: 'frame', bytes: at, frame: { jpeg: bytes.slice(0, at), ...size } }
}

/** Where a picture may begin; everything when nowhere. */
function startIn(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(0xff); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    if (at + 1 === bytes.length || bytes[at + 1] === 0xd8) return at
  }
  return bytes.length
}

type Walk = {
  /** `at` is behind the picture, where more is needed, or where another picture begins in the middle of this one. */
  end: 'whole' | 'more' | 'broken'
  at: number
  size: { width: number; height: number } | undefined
}

function walk(bytes: Uint8Array): Walk {
  let size: Walk['size']
  if (bytes.length < 2) return { end: 'more', at: 0, size }
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return { end: 'broken', at: 0, size }
  let at = 2
  while (at + 1 < bytes.length) {
    const marker = bytes[at + 1] as number
    if (bytes[at] !== 0xff) return { end: 'broken', at, size }
    // Any number of FF may stand before a marker.
    if (marker === 0xff) at++
    else if (marker === 0xd9) return { end: 'whole', at: at + 2, size }
    else if (marker === 0xd8 || marker < 0xc0) return { end: 'broken', at, size }
    else {
      if (at + 3 >= bytes.length) break
      const length = word(bytes, at + 2)
      if (length < 2) return { end: 'broken', at, size }
      if (isFrameHeader(marker) && at + 8 < bytes.length)
        size ??= sizeOf(word(bytes, at + 7), word(bytes, at + 5))
      at += 2 + length
      if (marker === 0xda) at = scanEnd(bytes, at)
    }
  }
  return { end: 'more', at, size }
}

const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

/** A height of 0 is said after the first scan, by nobody we know. */
const sizeOf = (width: number, height: number): Walk['size'] =>
  width * height > 0 ? { width, height } : undefined

const word = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)

/** Where the next marker stands that ends a scan's data. */
function scanEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next === undefined) return at
    const isData = next === 0 || (next >= 0xd0 && next <= 0xd7)
    if (!isData) return at
  }
  return bytes.length
}
