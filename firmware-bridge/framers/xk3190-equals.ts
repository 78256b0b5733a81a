import { createFramer, type Framer, NOISE, WAIT } from './framer.ts'
import type { Xk3190Frame } from './xk3190.ts'

/**
 * Yaohua XK3190, continuous formats 1 and 2 ("Tf=1", "Tf=2"): 9 bytes of ASCII without a checksum and without
 * a stability flag. The point is one of the seven characters, or is not sent at all.
 *
 * ```
 * format 1   =  w w w w w w w  s    least significant digit first:  3.000 is =000.3000, −1.00 is =00.1000-
 * format 2   =  s  w w w w w w w    most significant digit first:   3.000 is =0003.000, −1.00 is =-0001.00
 *            s: '0' positive, '-' negative
 * ```
 * The formats cannot be told apart by their bytes: the configuration says which one it is.
 * Source: XK3190-A26 manual p. 10–11, A23p manual p. 21–22.
 */
export type EqualsFormat = 1 | 2

const BYTES = 9
const SHOWN = 7
const [START, ZERO, NINE, POINT, MINUS] = [0x3d, 0x30, 0x39, 0x2e, 0x2d]

export function createXk3190EqualsFramer(format: EqualsFormat): Framer<Xk3190Frame> {
  const signAt = format === 1 ? BYTES - 1 : 1
  const shownAt = format === 1 ? 1 : 2
  return createFramer(BYTES, (bytes) => {
    const length = Math.min(bytes.length, BYTES)
    let points = 0
    for (let at = 0; at < length; at++) {
      const byte = bytes[at] as number
      if (at === 0 ? byte !== START : at === signAt ? byte !== ZERO && byte !== MINUS : !isDigit(byte)) {
        if (at === 0 || at === signAt || byte !== POINT || ++points > 1) return NOISE
      }
    }
    if (length < BYTES) return WAIT
    let digits = 0
    let decimals = 0
    let afterPoint = false
    for (let place = 0; place < SHOWN; place++) {
      const byte = bytes[shownAt + (format === 1 ? SHOWN - 1 - place : place)] as number
      if (byte === POINT) afterPoint = true
      else {
        digits = digits * 10 + byte - ZERO
        if (afterPoint) decimals++
      }
    }
    if (bytes[signAt] === MINUS && digits !== 0) digits = -digits
    return { kind: 'frame', bytes: BYTES, frame: { digits, decimals } }
  })
}

/** Digits beyond ±999999 show as ±999999, as an overloaded display does. */
export function encodeXk3190Equals({ digits, decimals }: Xk3190Frame, format: EqualsFormat): Uint8Array {
  const whole = String(Math.min(999_999, Math.abs(Math.round(digits)))).padStart(6, '0')
  const point = whole.length - decimals
  const shown = decimals === 0 ? whole.padStart(SHOWN, '0') : `${whole.slice(0, point)}.${whole.slice(point)}`
  const sign = digits < 0 ? '-' : '0'
  const text = format === 1 ? `=${[...shown].reverse().join('')}${sign}` : `=${sign}${shown}`
  return new TextEncoder().encode(text)
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE
