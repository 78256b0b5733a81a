import { createFramer, type Framer, isLineEnd, LINE_GAP, NOISE, WAIT } from './framer.ts'

/**
 * Yaohua XK3190-A12 and A12E: 11 bytes of ASCII without a checksum and without a stability flag.
 *
 * ```
 *  0       'w'
 *  1       'w' gross | 'n' net | 't' tare
 *  2 –  8  seven characters, the point and a leading '-' among them
 *  9 – 10  'kg' | 'lb'
 * ```
 * `ww000.000lb`, `wn-0000.1kg`, `wt000.000kg`. A line's end between frames is passed over.
 */
export type Xk3190A12Frame = {
  of: 'gross' | 'net' | 'tare'
  /** In `unit`. */
  value: number
  unit: 'kg' | 'lb'
}

const BYTES = 11
const FRAME = /^w([wnt])(-?\d+(?:\.\d+)?)(kg|lb)$/
const START = 0x77
const weights = { w: 'gross', n: 'net', t: 'tare' } as const

export const createXk3190A12Framer = (): Framer<Xk3190A12Frame> =>
  createFramer(BYTES, (bytes) => {
    if (bytes[0] !== START) return isLineEnd(bytes[0]) ? LINE_GAP : NOISE
    if (bytes.length < BYTES) return WAIT
    const found = FRAME.exec(String.fromCharCode(...bytes.subarray(0, BYTES)))
    if (!found) return NOISE
    const [, of, value, unit] = found as unknown as [string, keyof typeof weights, string, 'kg' | 'lb']
    // Minus zero is zero.
    return { kind: 'frame', bytes: BYTES, frame: { of: weights[of], value: Number(value) || 0, unit } }
  })

/** Three decimals, as many as fit below zero; beyond ±999.999 it shows ±999.999, as an overloaded display does. */
export function encodeXk3190A12({ of, value, unit }: Xk3190A12Frame): Uint8Array {
  const shown = Math.min(999.999, Math.max(-99.999, value)).toFixed(3)
  const sign = shown.startsWith('-') ? '-' : ''
  const text = `w${of === 'gross' ? 'w' : of === 'net' ? 'n' : 't'}${sign}${shown.slice(sign.length).padStart(7 - sign.length, '0')}${unit}`
  return new TextEncoder().encode(text)
}
