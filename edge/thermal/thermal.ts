import { decodeThermalFrame, encodeThermalFrame } from '#domain/frame.ts'
import type { MetricId } from '#domain/metrics.ts'
import { type Reading, rejectReason } from '#domain/reading.ts'
import { MAX_AHEAD_MS } from '#domain/time.ts'
import type { ClockStep } from '../clock/edge-clock.ts'
import type { Reject } from '../ingest/read-message.ts'
import type { SeriesTable } from '../series-table.ts'
import { findExtremes } from './extremes.ts'

/** The newest picture of a thermal camera, as it came. */
export type LatestFrame = { house: string; device: string; t: number; bytes: Uint8Array }

export type Thermal = {
  /** A frame of one camera; gives its readings, at most every 10 s. `timeOf`: our time for the sender's. */
  take(
    house: string,
    device: string,
    payload: Uint8Array,
    now: number,
    reject: Reject,
    timeOf?: (t: number) => number,
  ): Reading[]
  /** Newest frame of each camera in these houses. */
  latest(houses: readonly string[]): LatestFrame[]
  /** The clock was corrected: pictures that it dated wrong are forgotten, the next ones are a moment away. */
  step(step: ClockStep): void
}

const READINGS_EVERY_MS = 10_000

/** Only the newest frame of each configured camera is kept: at most 640 × 512 pixels, 640 kB each. */
export function createThermal(table: SeriesTable): Thermal {
  const frames = new Map<string, LatestFrame>()
  const saidAt = new Map<string, number>()
  return {
    take(house, device, payload, now, reject, timeOf = (t) => t) {
      const sent = decodeThermalFrame(payload)
      if (!sent) {
        reject('rejected.bad-frame')
        return []
      }
      const frame = { ...sent, t: timeOf(sent.t) }
      const { low, mean, high, isSupported } = findExtremes(frame)
      const values: [MetricId, number][] = [
        ['thermal.min', low],
        ['thermal.mean', mean],
        ['thermal.max', high],
      ]
      for (const [metric, value] of values) {
        const reason = rejectReason(metric, value, frame.t, now)
        if (!reason) continue
        reject(`rejected.${reason}`)
        return []
      }
      const key = `${house}|${device}`
      const newest = frames.get(key)
      // What is ahead of the clock was stamped before the clock was set back.
      if (!newest || newest.t <= frame.t || newest.t > now + MAX_AHEAD_MS) {
        // A copy: the payload is a slice of what the broker read.
        const bytes = frame.t === sent.t ? Uint8Array.from(payload) : encodeThermalFrame(frame)
        frames.set(key, { house, device, t: frame.t, bytes })
      }
      const before = saidAt.get(key)
      if (before !== undefined && Math.abs(frame.t - before) < READINGS_EVERY_MS) return []
      saidAt.set(key, frame.t)
      return values.map(([metric, value]) => ({
        series: table.sensor(house, device, metric),
        t: frame.t,
        value,
        quality: isSupported ? 'good' : 'suspect',
      }))
    },
    step({ wrong }) {
      if (!wrong) return
      frames.clear()
      saidAt.clear()
    },
    latest: (houses) => [...frames.values()].filter(({ house }) => houses.includes(house)),
  }
}
