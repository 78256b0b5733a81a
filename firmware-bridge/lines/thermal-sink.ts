import type { Clock } from '#domain/time.ts'
import type { ThermalDefinition, ThermalSample } from '../devices/definition.ts'
import type { LineDevice } from './line.ts'
import type { Sink } from './sink.ts'

/** Passes on a thermal camera's pictures, or as many of them as are wanted. */
export function thermalSink(
  device: LineDevice,
  { width, height, everyMs = 0 }: Pick<ThermalDefinition, 'width' | 'height' | 'everyMs'>,
  clock: Clock,
): Sink<ThermalSample> {
  let sentAt = Number.NEGATIVE_INFINITY
  return {
    sample({ size = { width, height }, ambientCentiC, centiC }, t) {
      const now = clock.monotonic()
      // Pictures come at a pace of their own, and not by the clock: an eighth early is due.
      if (now - sentAt < everyMs * 0.875) return
      sentAt = now
      device.thermal({ ...size, t, ambientCentiC, centiC })
    },
    end() {},
  }
}
