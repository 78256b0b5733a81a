import { createFramer, type Framer, isLineEnd, LINE_GAP, type Look, WAIT } from './framer.ts'

/**
 * What a NUT server (`upsd`, TCP port 3493) answers to `LIST VAR <ups>`, one line at a time
 * (RFC 9271, §4.2.7; the same in NUT's own net-protocol.txt):
 *
 * ```
 * BEGIN LIST VAR <ups>
 * VAR <ups> battery.charge "87"        \" and \\ stand for themselves
 * END LIST VAR <ups>
 * ERR DATA-STALE
 * ```
 */
export type NutLine =
  | { kind: 'variable'; name: string; value: string }
  | { kind: 'end' }
  | { kind: 'error'; code: string }

/** A variable's value is far shorter; a longer line is not of this protocol. */
const MAX_LINE = 1024
const VARIABLE = /^VAR \S+ (\S+) "((?:[^"\\]|\\.)*)"$/

export const nutQuery = (ups: string): Uint8Array => new TextEncoder().encode(`LIST VAR ${ups}\n`)

export function createNutFramer(): Framer<NutLine> {
  return createFramer(MAX_LINE, look)
}

function look(bytes: Uint8Array): Look<NutLine> {
  if (isLineEnd(bytes[0])) return LINE_GAP
  const end = bytes.subarray(0, MAX_LINE).findIndex(isLineEnd)
  if (end < 0) return bytes.length < MAX_LINE ? WAIT : { kind: 'skip', bytes: MAX_LINE, reason: 'noise' }
  const line = new TextDecoder().decode(bytes.subarray(0, end))
  if (line.startsWith('BEGIN LIST VAR ')) return { kind: 'gap', bytes: end }
  const frame = read(line)
  return frame ? { kind: 'frame', bytes: end, frame } : { kind: 'skip', bytes: end, reason: 'noise' }
}

function read(line: string): NutLine | undefined {
  if (line.startsWith('END LIST VAR ')) return { kind: 'end' }
  if (line.startsWith('ERR ')) return { kind: 'error', code: line.slice(4) }
  const [, name, value] = VARIABLE.exec(line) ?? []
  if (name === undefined || value === undefined) return undefined
  return { kind: 'variable', name, value: value.replace(/\\(.)/g, '$1') }
}

/** The server's side, for the tests. */
export function encodeNutAnswer(ups: string, variables: Readonly<Record<string, string>>): Uint8Array {
  const lines = Object.entries(variables).map(
    ([name, value]) => `VAR ${ups} ${name} "${value.replace(/["\\]/g, '\\$&')}"`,
  )
  return new TextEncoder().encode([`BEGIN LIST VAR ${ups}`, ...lines, `END LIST VAR ${ups}`, ''].join('\n'))
}
