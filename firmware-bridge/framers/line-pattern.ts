import { createFramer, type Framer, isLineEnd, LINE_GAP, type Look, WAIT } from './framer.ts'

/**
 * One weight a line, in words that the installer describes: boards with an HX711 have no format in common.
 * `weight: 12.3 g`, `Reading: 0.123 kg`, `184223,8388607` are all real.
 *
 * ```
 * … text that `pattern` fits from its beginning to its end …  CR or LF
 * ```
 * Named groups: `value` (a number), `unit` (optional), `stable` (optional: the line says so where it is
 * there). There is no checksum, so a line counts only when it is whole: what comes before the first line end
 * may be the tail of one, and is given up, as is a line with a byte that is no printable ASCII.
 */
export type PatternFrame = { value: number; unit?: string; stable?: boolean }

/** Bounds the work of a pattern, together with what `patternMistake` allows. */
export const MAX_LINE_CHARS = 80

export function createPatternFramer(pattern: string): Framer<PatternFrame> {
  const whole = new RegExp(`^(?:${pattern})$`)
  // In its last byte the framer must still see the line's end.
  const longest = MAX_LINE_CHARS + 1
  let isAtStart = false

  function look(bytes: Uint8Array): Look<PatternFrame> {
    if (isAtStart && isLineEnd(bytes[0])) return LINE_GAP
    const end = bytes.subarray(0, longest).findIndex(isLineEnd)
    if (end < 0) {
      if (bytes.length < longest) return WAIT
      isAtStart = false
      return { kind: 'skip', bytes: longest, reason: 'noise' }
    }
    const line = isAtStart ? printable(bytes, end) : undefined
    isAtStart = true
    const frame = line === undefined ? undefined : read(whole.exec(line))
    if (frame) return { kind: 'frame', bytes: end + 1, frame }
    return { kind: 'skip', bytes: end + 1, reason: 'noise' }
  }

  const framer = createFramer(longest, look)
  return {
    push: framer.push,
    reset() {
      isAtStart = false
      return framer.reset()
    },
  }
}

function printable(bytes: Uint8Array, end: number): string | undefined {
  for (let at = 0; at < end; at++) {
    const byte = bytes[at] as number
    if (byte !== 0x09 && (byte < 0x20 || byte > 0x7e)) return undefined
  }
  return String.fromCharCode(...bytes.subarray(0, end))
}

function read(found: RegExpExecArray | null): PatternFrame | undefined {
  const groups = found?.groups
  const value = groups?.['value'] ? Number(groups['value']) : Number.NaN
  if (!groups || !Number.isFinite(value)) return undefined
  return {
    value,
    ...(groups['unit'] !== undefined && { unit: groups['unit'] }),
    ...(Object.hasOwn(groups, 'stable') && { stable: groups['stable'] !== undefined }),
  }
}
