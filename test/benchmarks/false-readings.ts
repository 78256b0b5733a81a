import { rejectReason } from '#domain/reading.ts'
import type { LoadDefinition } from '../../firmware-bridge/devices/definition.ts'

export type FalseReadings = {
  /** Read as a load that can be, and so believed. */
  believed: number
  /** Read, and marked as a load that cannot be. */
  marked: number
}

const CHUNK = 100_000
const T = Date.UTC(2026, 0, 1)

/** What a framer makes of so many random bytes, the same each time. */
export function falseReadings(definition: LoadDefinition, bytes: number): FalseReadings {
  const framer = definition.createFramer()
  const found = { believed: 0, marked: 0 }
  let state = 0x2545f491
  const chunk = new Uint8Array(CHUNK)
  for (let done = 0; done < bytes; done += CHUNK) {
    for (let at = 0; at < CHUNK; at++) {
      // Xorshift: its bytes, unlike those of a linear generator, depend on all of its bits.
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      chunk[at] = state & 0xff
    }
    for (const event of framer.push(chunk)) {
      if (event.kind !== 'frame') continue
      const { grams } = event.frame
      if (grams === undefined || rejectReason('scale.load', grams, T, T)) found.marked++
      else found.believed++
    }
  }
  return found
}
