import { path, routes } from '#domain/api/routes.ts'
import { SECOND } from '#domain/time.ts'
import type { LatestFrame } from '../thermal/thermal.ts'
import type { CloudClient } from './cloud-client.ts'
import type { Pause } from './repeat.ts'

/** Thermal pictures, and what scales show now, go out this often while somebody looks. */
export const PICTURE_MS = 2 * SECOND

/** Sends each camera's newest picture once. `frames`: those of the houses that somebody looks at. */
export function createPictures(client: CloudClient, frames: () => LatestFrame[]): { step(): Promise<Pause> } {
  const sentAt = new Map<string, number>()
  return {
    async step() {
      for (const { house, device, t, bytes } of frames()) {
        const key = `${house}|${device}`
        if (t === sentAt.get(key)) continue
        const answer = await client.send({
          method: 'POST',
          path: path(routes.edgeFrames, { house, device }),
          bytes,
        })
        if (answer.kind === 'ok') sentAt.set(key, t)
        else return { atLeastMs: answer.retryAfterMs }
      }
      return PICTURE_MS
    },
  }
}
