import { decodePicture } from '#domain/picture.ts'
import { type Reading, rejectReason } from '#domain/reading.ts'
import type { Reject } from '../ingest/read-message.ts'
import type { DiskRing } from '../ring/disk-ring.ts'

/** Keeps the pictures of all cameras on the disk, until newer ones need the room. They give no readings by themselves. */
export type Pictures = {
  take(house: string, device: string, payload: Uint8Array, now: number, reject: Reject): Reading[]
}

export function createPictures(ring: Pick<DiskRing, 'add'>): Pictures {
  return {
    take(house, device, payload, now, reject) {
      const picture = decodePicture(payload)
      const reason = picture ? rejectReason('camera.live', 1, picture.t, now) : 'bad-frame'
      if (reason) reject(`rejected.${reason}`)
      // A copy: the payload is a slice of what the broker read, and the disk takes its time.
      else if (picture) ring.add(house, device, picture.t, Uint8Array.from(picture.jpeg))
      return []
    },
  }
}
