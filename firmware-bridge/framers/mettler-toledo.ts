import { BAD_CHECKSUM, createFramer, type Framer, IMPLAUSIBLE, type Look, NOISE, WAIT } from './framer.ts'

/**
 * Mettler-Toledo continuous output (8142, 8530, IND, JAGXTREME), which KERN, Cardinal, LIDEN and others send
 * too. Digits without a point; leading zeros may be spaces.
 *
 * ```
 *  0       02        start
 *  1       SWA       0 1 i i  1? f f f   bits 0–2 where the point stands, bit 5 set, bit 6 clear
 *  2       SWB       bit 0 net, 1 negative, 2 out of range, 3 motion, 4 kg (else lb), 5 set, 6 not zeroed
 *  3       SWC       bits 0–2 unit: 0 as SWB says, 1 g, others by the maker; 5 set, 6 clear
 *  4 –  9  weight    six digits
 * 10 – 15  tare      six digits; the short form leaves them out
 * 16       0D        end
 * 17       CKS       if the indicator is told so: all bytes from 02 on add up to 0 in their low seven bits
 * ```
 * Bit 7 is parity on lines of seven bits, so it is masked away first. Bits 3 and 4 of SWA are said to be the
 * step of the display, and clones put constants there: not read. Whether the tare and the checksum are sent is
 * a setting of the indicator, and so of the configuration.
 * Source: Wildcat manual p. 6-4, KERN FTC p. 42, IND445 p. 50, Rockwell 57C428 App. D.
 */
export type ToledoForm = { tare: boolean; checksum: boolean }

export type ToledoFrame = {
  /** What the display shows without its point, with its sign. */
  digits: number
  /** Decimals, −2 where the last two digits before the point are not sent. */
  decimals: number
  unit: 'kg' | 'lb' | 'g'
  net: boolean
  isMoving: boolean
  isOutOfRange: boolean
  /** Digits of the tare, 0 in the short form. */
  tare: number
}

const [START, END, SPACE, ZERO, NINE] = [0x02, 0x0d, 0x20, 0x30, 0x39]
const FIELD = 6
const WEIGHT_AT = 4
const SET = 0x20
const CLEAR = 0x40

export function createToledoFramer(form: ToledoForm): Framer<ToledoFrame> {
  const endAt = WEIGHT_AT + FIELD * (form.tare ? 2 : 1)
  const length = endAt + 1 + (form.checksum ? 1 : 0)
  const at = (bytes: Uint8Array, index: number): number => (bytes[index] as number) & 0x7f

  function look(bytes: Uint8Array): Look<ToledoFrame> {
    const seen = Math.min(bytes.length, endAt + 1)
    for (let index = 0; index < seen; index++) if (!fits(index, at(bytes, index))) return NOISE
    if (bytes.length < length) return WAIT
    if (form.checksum) {
      let sum = 0
      for (let index = 0; index < length; index++) sum += at(bytes, index)
      if ((sum & 0x7f) !== 0) return BAD_CHECKSUM
    }
    const [swa, swb, swc] = [at(bytes, 1), at(bytes, 2), at(bytes, 3)]
    const unit = (swc & 7) === 0 ? (swb & 0x10 ? 'kg' : 'lb') : (swc & 7) === 1 ? 'g' : undefined
    const weight = digitsAt(bytes, WEIGHT_AT)
    const tare = form.tare ? digitsAt(bytes, WEIGHT_AT + FIELD) : 0
    if (unit === undefined || weight === undefined || tare === undefined) return IMPLAUSIBLE
    const frame = {
      digits: swb & 2 && weight !== 0 ? -weight : weight,
      decimals: (swa & 7) - 2,
      unit,
      net: (swb & 1) !== 0,
      isMoving: (swb & 8) !== 0,
      isOutOfRange: (swb & 4) !== 0,
      tare,
    } as const
    return { kind: 'frame', bytes: length, frame }
  }

  function fits(index: number, byte: number): boolean {
    if (index === 0) return byte === START
    if (index === 2) return (byte & SET) !== 0
    if (index < WEIGHT_AT) return (byte & (SET | CLEAR)) === SET
    return index === endAt ? byte === END : byte === SPACE || (byte >= ZERO && byte <= NINE)
  }

  /** Undefined when a space stands behind a digit, or there is none. */
  function digitsAt(bytes: Uint8Array, from: number): number | undefined {
    let digits: number | undefined
    for (let index = from; index < from + FIELD; index++) {
      const byte = at(bytes, index)
      if (byte !== SPACE) digits = (digits ?? 0) * 10 + byte - ZERO
      else if (digits !== undefined) return undefined
    }
    return digits
  }

  // A 7E1 line may carry the parity in the highest bit.
  return createFramer(length, look, [START, START | 0x80])
}

/** Digits beyond ±999999 show as ±999999, as an overloaded display does. */
export function encodeToledo(frame: ToledoFrame, form: ToledoForm): Uint8Array {
  const { digits, decimals, unit, net, isMoving, isOutOfRange, tare } = frame
  const field = (value: number) => String(Math.min(999_999, Math.abs(Math.round(value)))).padStart(FIELD)
  const bits = (...set: [boolean, number][]) => set.reduce((sum, [on, bit]) => sum | (on ? bit : 0), SET)
  const swa = SET | 8 | (decimals + 2)
  const swb = bits([net, 1], [digits < 0, 2], [isOutOfRange, 4], [isMoving, 8], [unit === 'kg', 0x10])
  const swc = SET | (unit === 'g' ? 1 : 0)
  const text = new TextEncoder().encode(field(digits) + (form.tare ? field(tare) : ''))
  const bytes = [START, swa, swb, swc, ...text, END]
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  return Uint8Array.from(form.checksum ? [...bytes, -sum & 0x7f] : bytes)
}
