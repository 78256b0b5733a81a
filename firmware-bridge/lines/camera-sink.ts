import { crc32 } from 'node:zlib'
import { MAX_JPEG_BYTES } from '#domain/picture.ts'
import { type Clock, MINUTE } from '#domain/time.ts'
import type { CameraDefinition, CameraSample } from '../devices/definition.ts'
import type { LineDevice } from './line.ts'
import type { Sink } from './sink.ts'

/** The same picture for so long, and so often, is no picture of a house: a sensor has noise. */
const FROZEN_AFTER_MS = 10 * MINUTE
const FROZEN_AFTER = 3
/** A black night has no noise either; what it needs is a few bits for each square of 8 × 8. */
const DARK_BYTES_PER_PIXEL = 0.03

/** Passes on a camera's pictures as often as they are wanted, and says whether it lives. */
export function cameraSink(
  device: LineDevice,
  { everyMs, stepMs }: Pick<CameraDefinition, 'everyMs' | 'stepMs'>,
  clock: Clock,
): Sink<CameraSample> {
  let sentAt = Number.NEGATIVE_INFINITY
  let same = { crc: -1, since: 0, times: 0 }

  /** Whether the camera shows the same picture for too long. */
  function isFrozen({ jpeg, width, height }: CameraSample, now: number): boolean {
    const crc = crc32(jpeg)
    same = crc === same.crc ? { ...same, times: same.times + 1 } : { crc, since: now, times: 0 }
    const isDark = jpeg.length < width * height * DARK_BYTES_PER_PIXEL
    return !isDark && same.times >= FROZEN_AFTER && now - same.since >= FROZEN_AFTER_MS
  }

  return {
    sample(sample, t) {
      const now = clock.monotonic()
      if (sample.jpeg.length > MAX_JPEG_BYTES) {
        const said = `a picture of ${Math.round(sample.jpeg.length / 1000)} kB: choose a smaller maxWidth`
        return device.counters.trouble('implausible', 1, said)
      }
      const frozen = isFrozen(sample, now)
      device.values(t, { 'camera.live': frozen ? 0 : 1 })
      if (frozen) {
        const minutes = Math.round((now - same.since) / MINUTE)
        return device.counters.trouble('frozen', 1, `the same picture for ${minutes} min: the camera hangs`)
      }
      device.counters.recovered('frozen', 'implausible')
      // Half a step early is due: the next one would be later still.
      if (now - sentAt < everyMs - stepMs / 2) return
      sentAt = now
      device.picture({ t, ...sample })
    },
    end(isLost) {
      if (isLost) device.values(clock.now(), { 'camera.live': 0 })
    },
  }
}
