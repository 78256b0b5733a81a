import { BAD_CHECKSUM, createFramer, type Framer, type Look, NOISE, WAIT } from './framer.ts'

/**
 * Yaohua XK3190 weighing indicator, continuous format 0 ("Tf=0"), 12 bytes. There is no stability flag.
 *
 * ```
 *  0      02          start
 *  1      2B | 2D     sign
 *  2 –  7 '0' – '9'   displayed weight, most significant digit first, no point
 *  8      '0' – '4'   decimals, counted from the right
 *  9      '0' – 'F'   high nibble of the XOR of bytes 1 – 8
 * 10      '0' – 'F'   low nibble
 * 11      03          end
 * ```
 * Nibbles above 9 are sent as A–F; some clones send 0x30 + n (`:` – `?`): both are read.
 * Source: XK3190-A26 manual p. 10, A23p manual p. 21.
 */
export type Xk3190Frame = {
  /** What the display shows without its point, with its sign: −999999 … 999999. */
  digits: number
  /** 0 … 4 */
  decimals: number
}

const BYTES = 12
const [START, END, PLUS, MINUS, ZERO] = [0x02, 0x03, 0x2b, 0x2d, 0x30]
export type NibbleStyle = 'letters' | 'clone'

export const createXk3190Framer = (): Framer<Xk3190Frame> => createFramer(BYTES, look, [START])

function look(bytes: Uint8Array): Look<Xk3190Frame> {
  const length = Math.min(bytes.length, BYTES)
  for (let at = 0; at < length; at++) if (!fits(at, bytes[at] as number)) return NOISE
  if (length < BYTES) return WAIT
  const sum = (nibbleOf(bytes[9] as number) << 4) | nibbleOf(bytes[10] as number)
  if (sum !== checksumOf(bytes)) return BAD_CHECKSUM
  let digits = 0
  for (let at = 2; at < 8; at++) digits = digits * 10 + (bytes[at] as number) - ZERO
  if (bytes[1] === MINUS && digits !== 0) digits = -digits
  return { kind: 'frame', bytes: BYTES, frame: { digits, decimals: (bytes[8] as number) - ZERO } }
}

/** Digits beyond ±999999 show as ±999999, as an overloaded display does. */
export function encodeXk3190({ digits, decimals }: Xk3190Frame, style: NibbleStyle = 'letters'): Uint8Array {
  const shown = String(Math.min(999_999, Math.abs(Math.round(digits)))).padStart(6, '0')
  const bytes = new Uint8Array(BYTES)
  bytes[0] = START
  bytes[1] = digits < 0 ? MINUS : PLUS
  for (let at = 0; at < 6; at++) bytes[2 + at] = shown.charCodeAt(at)
  bytes[8] = ZERO + decimals
  const sum = checksumOf(bytes)
  bytes[9] = nibbleByte(sum >> 4, style)
  bytes[10] = nibbleByte(sum & 0x0f, style)
  bytes[11] = END
  return bytes
}

function fits(at: number, byte: number): boolean {
  if (at === 0) return byte === START
  if (at === 1) return byte === PLUS || byte === MINUS
  if (at < 8) return byte >= ZERO && byte <= 0x39
  if (at === 8) return byte >= ZERO && byte <= 0x34
  if (at < 11) return (byte >= ZERO && byte <= 0x3f) || (byte >= 0x41 && byte <= 0x46)
  return byte === END
}

function checksumOf(bytes: Uint8Array): number {
  let sum = 0
  for (let at = 1; at <= 8; at++) sum ^= bytes[at] as number
  return sum
}

const nibbleOf = (byte: number): number => (byte >= 0x41 ? byte - 0x37 : byte - ZERO)
const nibbleByte = (nibble: number, style: NibbleStyle): number =>
  nibble > 9 && style === 'letters' ? nibble + 0x37 : nibble + ZERO
