import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPacketBound } from './packet-bound.ts'

const PINGREQ = Uint8Array.of(0xc0, 0)

/** A PUBLISH of QoS 0 to topic `a`. */
function packet(payloadBytes: number): Buffer {
  const header = [0x30]
  for (let left = payloadBytes + 3; ; left = left >> 7) {
    header.push(left > 0x7f ? (left & 0x7f) | 0x80 : left)
    if (left <= 0x7f) break
  }
  return Buffer.concat([Uint8Array.of(...header, 0, 1, 0x61), Buffer.alloc(payloadBytes)])
}

describe('packet bound', () => {
  it('lets packets up to the limit through, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 50 }),
        (sizes, cut) => {
          const bytes = Buffer.concat([PINGREQ, ...sizes.map(packet)])
          const fits = createPacketBound(() => 303)
          for (let at = 0; at < bytes.length; at += cut) expect(fits(bytes.subarray(at, at + cut))).toBe(true)
        },
      ),
    )
  })

  it('refuses a large packet at its header, before its body has come', () => {
    const fits = createPacketBound(() => 1_000_000)
    expect(fits(packet(100))).toBe(true)
    expect(fits(packet(10_000_000).subarray(0, 5))).toBe(false)
  })

  it('refuses a length that never ends', () => {
    const fits = createPacketBound(() => Number.MAX_SAFE_INTEGER)
    expect(fits(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff))).toBe(false)
  })
})
