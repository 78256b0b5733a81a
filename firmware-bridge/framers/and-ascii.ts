import {
  createFramer,
  type Framer,
  IMPLAUSIBLE,
  isLineEnd,
  LINE_ENDS,
  LINE_GAP,
  type Look,
  NOISE,
  WAIT,
} from './framer.ts'

/**
 * A&D standard format: one line of ASCII, ended by CR LF, without a checksum.
 *
 * ```
 * ST,GS,+0012.34kg     weighing indicators: state, kind, sign, data, unit
 * ST,+000123.4  g      balances: no kind, nine characters of data, unit right-justified
 *
 * state  ST stable, US not yet, OL (also LO) the scale can show no weight; QT counts pieces
 * kind   GS gross, NT net, TR tare; a comparator says LO, OK, HI or --
 * ```
 * Source: AD-4404 manual p. 80, OP-05 p. 58, EK-L p. 28, GC p. 51.
 */
export type AndFrame =
  | {
      kind: 'weight'
      of: 'gross' | 'net' | 'tare'
      value: number
      unit: 'kg' | 'g' | 't' | 'lb'
      stable: boolean
    }
  | { kind: 'overload' }

/** The longest line of the family is 22 characters. */
const MAX_CHARS = 32
const states = ['ST', 'US', 'OL', 'QT', 'LO']
const WEIGHT = /^(ST|US)(?:,(GS|NT|TR|LO|OK|HI|--))?,([+-]) *(\d{1,9}(?:\.\d{1,6})?) *(kg|g|t|lb)$/
const LINE = /^(ST|US|OL|QT|LO),[ -~]*$/

const starts = [...states.map((state) => state.charCodeAt(0)), ...LINE_ENDS]

export const createAndFramer = (): Framer<AndFrame> => createFramer(MAX_CHARS, look, starts)

function look(bytes: Uint8Array): Look<AndFrame> {
  const first = bytes[0]
  const second = bytes[1]
  if (isLineEnd(first)) return LINE_GAP
  const begins = states.some(
    (state) => state.charCodeAt(0) === first && (second === undefined || state.charCodeAt(1) === second),
  )
  if (!begins) return NOISE
  const end = bytes.findIndex((byte, at) => at < MAX_CHARS && isLineEnd(byte))
  if (end < 0) return bytes.length < MAX_CHARS ? WAIT : NOISE
  const line = String.fromCharCode(...bytes.subarray(0, end))
  const weight = WEIGHT.exec(line)
  if (weight) {
    const [, state, of, sign, digits, unit] = weight as unknown as [
      string,
      string,
      string,
      string,
      string,
      'kg',
    ]
    const value = Number(digits) * (sign === '-' ? -1 : 1) || 0
    return {
      kind: 'frame',
      bytes: end + 1,
      frame: {
        kind: 'weight',
        of: of === 'TR' ? 'tare' : of === 'NT' ? 'net' : 'gross',
        value,
        unit,
        stable: state === 'ST',
      },
    }
  }
  // Another frame may begin inside a damaged line, so only its beginning is given up.
  if (!LINE.test(line)) return NOISE
  if (line.startsWith('OL,') || line.startsWith('LO,'))
    return /^(OL|LO)(,(GS|NT|TR|LO|OK|HI|--))?,[+-]?[\d.E+ ]*(kg|g|t|lb)?$/.test(line)
      ? { kind: 'frame', bytes: end + 1, frame: { kind: 'overload' } }
      : NOISE
  return line.startsWith('QT,') ? { ...IMPLAUSIBLE, bytes: end + 1 } : NOISE
}

const kinds = { gross: 'GS', net: 'NT', tare: 'TR' } as const

/** As an indicator sends it: eight characters of data, three decimals. */
export function encodeAnd(frame: AndFrame): Uint8Array {
  if (frame.kind === 'overload') return new TextEncoder().encode('OL,GS,+       kg\r\n')
  const { of, value, unit, stable } = frame
  const shown = Math.min(999.999, Math.abs(value)).toFixed(3).padStart(7, '0')
  const text = `${stable ? 'ST' : 'US'},${kinds[of]},${value < 0 ? '-' : '+'}${shown}${unit.padStart(2)}\r\n`
  return new TextEncoder().encode(text)
}
