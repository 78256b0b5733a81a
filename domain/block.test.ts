import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeSound, encodeSound, isSound } from './block.ts'

const sound = { rate: 8, t: 1_750_000_000_123, samples: Int16Array.of(-32_768, 0, 1, 32_767) }

it('sound comes back as it went in, also from the middle of a larger buffer', () => {
  const bytes = encodeSound(sound)
  expect(decodeSound(bytes)).toEqual(sound)
  const padded = new Uint8Array(bytes.length + 6)
  padded.set(bytes, 3)
  expect(decodeSound(padded.subarray(3, 3 + bytes.length))).toEqual(sound)
})

it('sound is refused when it was cut anywhere, when it is longer than it says, or than a second', () => {
  const bytes = encodeSound(sound)
  for (let length = 0; length < bytes.length; length++)
    expect(decodeSound(bytes.subarray(0, length))).toBeUndefined()
  expect(decodeSound(new Uint8Array([...bytes, 0]))).toBeUndefined()
  expect(decodeSound(encodeSound({ ...sound, rate: 3 }))).toBeUndefined()
  expect(decodeSound(encodeSound({ ...sound, samples: new Int16Array(0) }))).toBeUndefined()
})

it('a scale’s block is no sound', () => {
  expect(isSound(Buffer.from('{"t":1,"stepMs":100,"grams":[1]}'))).toBe(false)
})

it('never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(decodeSound(bytes)).toBeUndefined()
    }),
  )
})
