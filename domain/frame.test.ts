import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeThermalFrame, encodeThermalFrame } from './frame.ts'

const frame = {
  width: 4,
  height: 2,
  t: 1_750_000_000_123,
  ambientCentiC: -512,
  centiC: Int16Array.of(-4000, 0, 1, 2550, 4123, 30000, -1, 7),
}

it('comes back as it went in, also from the middle of a larger buffer', () => {
  const bytes = encodeThermalFrame(frame)
  expect(decodeThermalFrame(bytes)).toEqual(frame)
  const padded = new Uint8Array(bytes.length + 6)
  padded.set(bytes, 3)
  expect(decodeThermalFrame(padded.subarray(3, 3 + bytes.length))).toEqual(frame)
})

it('is refused when cut anywhere, or longer than it says', () => {
  const bytes = encodeThermalFrame(frame)
  for (let length = 0; length < bytes.length; length++) {
    expect(decodeThermalFrame(bytes.subarray(0, length))).toBeUndefined()
  }
  expect(decodeThermalFrame(new Uint8Array([...bytes, 0]))).toBeUndefined()
})

it('never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(decodeThermalFrame(bytes)).toBeUndefined()
    }),
  )
})
