import { decodeSound } from '#domain/block.ts'
import { type Reading, rejectReason } from '#domain/reading.ts'
import { MINUTE } from '#domain/time.ts'
import type { Reject } from '../ingest/read-message.ts'
import type { DiskRing } from '../ring/disk-ring.ts'

/**
 * Keeps what microphones hear on the disk, a file a minute: blocks as they came, one after the other, each with its own
 * time and length, so that a gap is a gap. Blocks give no readings by themselves.
 */
export type Sound = {
  take(house: string, device: string, payload: Uint8Array, now: number, reject: Reject): Reading[]
}

export function createSound(ring: Pick<DiskRing, 'add'>): Sound {
  return {
    take(house, device, payload, now, reject) {
      const block = decodeSound(payload)
      const reason = block ? rejectReason('sound.level', 0, block.t, now) : 'bad-frame'
      if (reason) reject(`rejected.${reason}`)
      else if (block) ring.add(house, device, Math.floor(block.t / MINUTE) * MINUTE, Uint8Array.from(payload))
      return []
    },
  }
}
