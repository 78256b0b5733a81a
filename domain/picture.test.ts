import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePicture, encodePicture, isPicture, MAX_JPEG_BYTES } from './picture.ts'
import { MAX_MESSAGE_BYTES } from './topics.ts'

const jpeg = Uint8Array.of(0xff, 0xd8, 1, 2, 3, 0xff, 0xd9)
const picture = { width: 640, height: 480, t: 1_750_000_000_123, jpeg }

describe('a picture', () => {
  it('comes back as it went in, also from the middle of a larger buffer', () => {
    const bytes = encodePicture(picture)
    expect(decodePicture(bytes)).toEqual(picture)
    const padded = new Uint8Array(bytes.length + 6)
    padded.set(bytes, 3)
    expect(decodePicture(padded.subarray(3, 3 + bytes.length))).toEqual(picture)
  })

  it('is refused when it was cut anywhere, or goes on after its end', () => {
    const bytes = encodePicture(picture)
    for (let length = 0; length < bytes.length; length++) {
      expect(decodePicture(bytes.subarray(0, length))).toBeUndefined()
      expect(isPicture(bytes.subarray(0, length))).toBe(length >= 4)
    }
    expect(decodePicture(new Uint8Array([...bytes, 0]))).toBeUndefined()
  })

  it('fits into a message, and a larger one is refused', () => {
    const large = (bytes: number) => {
      const content = new Uint8Array(bytes)
      content.set([0xff, 0xd8])
      content.set([0xff, 0xd9], bytes - 2)
      return encodePicture({ ...picture, jpeg: content })
    }
    expect(large(MAX_JPEG_BYTES).length).toBeLessThan(MAX_MESSAGE_BYTES)
    expect(decodePicture(large(MAX_JPEG_BYTES))).toBeDefined()
    expect(decodePicture(large(MAX_JPEG_BYTES + 1))).toBeUndefined()
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(decodePicture(bytes)).toBeUndefined()
      }),
    )
  })
})
