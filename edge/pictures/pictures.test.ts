import { describe, expect, it } from 'vitest'
import { decodeSound, encodeSound } from '#domain/block.ts'
import { encodePicture } from '#domain/picture.ts'
import { createSound } from '../sound/sound.ts'
import { createPictures } from './pictures.ts'

const T = Date.UTC(2026, 5, 1, 12, 0, 30)
const jpeg = Uint8Array.of(0xff, 0xd8, 1, 0xff, 0xd9)

/** A ring that remembers, and what was refused. */
function bench() {
  const kept: { house: string; device: string; t: number; bytes: Uint8Array }[] = []
  const refused: string[] = []
  const ring = {
    add: (house: string, device: string, t: number, bytes: Uint8Array) =>
      void kept.push({ house, device, t, bytes }),
  }
  return { kept, refused, ring, reject: (reason: string) => void refused.push(reason) }
}

describe('a picture', () => {
  const encode = (t: number) => encodePicture({ width: 4, height: 3, t, jpeg })

  it('is kept as the camera made it, under its own time', () => {
    const { kept, ring, reject } = bench()
    const payload = Buffer.from(encode(T - 5000))
    expect(createPictures(ring).take('h1', 'cam', payload, T, reject)).toEqual([])
    // The broker reads the next message into the same buffer.
    payload.fill(0)
    expect(kept).toEqual([{ house: 'h1', device: 'cam', t: T - 5000, bytes: jpeg }])
  })

  it.each([
    ['is cut', encode(T).subarray(0, 18), 'rejected.bad-frame'],
    ['comes from the future', encode(T + 3_600_000), 'rejected.from-the-future'],
    ['has no sensible time', encode(5), 'rejected.before-2020'],
  ])('that %s is refused', (_, payload, reason) => {
    const { kept, refused, ring, reject } = bench()
    createPictures(ring).take('h1', 'cam', payload, T, reject)
    expect([kept, refused]).toEqual([[], [reason]])
  })
})

describe('sound', () => {
  const block = (t: number) => encodeSound({ rate: 4, t, samples: Int16Array.of(1, -2, 3, -4) })

  it('is kept by the minute, block after block', () => {
    const { kept, ring, reject } = bench()
    const sound = createSound(ring)
    for (const second of [0, 1, 30]) sound.take('h1', 'mic', block(T + second * 1000), T + 60_000, reject)
    const minute = Date.UTC(2026, 5, 1, 12)
    expect(kept.map(({ t }) => t)).toEqual([minute, minute, minute + 60_000])
    expect(kept.map(({ bytes }) => decodeSound(bytes)?.t)).toEqual([T, T + 1000, T + 30_000])
  })

  it.each([
    ['is cut', block(T).subarray(0, 18), 'rejected.bad-frame'],
    ['comes from the future', block(T + 3_600_000), 'rejected.from-the-future'],
  ])('that %s is refused', (_, payload, reason) => {
    const { kept, refused, ring, reject } = bench()
    createSound(ring).take('h1', 'mic', payload, T, reject)
    expect([kept, refused]).toEqual([[], [reason]])
  })
})
