import { createFramer, type Framer, WAIT } from './framer.ts'

/**
 * Bare sound, one channel: i16 LE, so many samples to a block. It has no mark to find its beginning by: it is aligned
 * from the first byte on, and so is every process that writes it.
 */
export function createPcmFramer(samplesPerBlock: number): Framer<Int16Array> {
  const blockBytes = 2 * samplesPerBlock
  return createFramer(blockBytes, (bytes) => {
    if (bytes.length < blockBytes) return WAIT
    const view = new DataView(bytes.buffer, bytes.byteOffset, blockBytes)
    const samples = Int16Array.from({ length: samplesPerBlock }, (_, index) => view.getInt16(2 * index, true))
    return { kind: 'frame', bytes: blockBytes, frame: samples }
  })
}

export function encodePcm(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(2 * samples.length)
  const view = new DataView(bytes.buffer)
  samples.forEach((sample, index) => {
    view.setInt16(2 * index, sample, true)
  })
  return bytes
}
