import { type Clock, MINUTE, SECOND } from '#domain/time.ts'
import type { SoundDefinition, SoundSample } from '../devices/definition.ts'
import type { LineDevice } from './line.ts'
import type { Sink } from './sink.ts'

/** Blocks come in clumps: as long as they come no later than this, the sound had no gap. */
const CLUMP_MS = 500
/** The microphone's clock is not ours: so much of the difference is made good with each block. */
const CATCH_UP = 1 / 16
const FULL_SCALE = 32_768
/** The least that `sound.level` can be: nothing but zeros. */
const SILENCE_DB = -120

/** Passes on a microphone's blocks, each with the time of its first sample, and its level once a minute. */
export function soundSink(
  device: LineDevice,
  { rate }: Pick<SoundDefinition, 'rate'>,
  clock: Clock,
): Sink<SoundSample> {
  let nextT: number | undefined
  let minute = { startedAt: Number.NaN, squares: 0, samples: 0 }

  function startOf(arrivedAt: number, lengthMs: number): number {
    const heard = arrivedAt - lengthMs
    const late = nextT === undefined ? Number.POSITIVE_INFINITY : heard - nextT
    const t = Math.abs(late) < CLUMP_MS ? heard - late + late * CATCH_UP : heard
    nextT = t + lengthMs
    return Math.round(t)
  }

  function measure(samples: Int16Array, t: number): void {
    const now = clock.monotonic()
    if (Number.isNaN(minute.startedAt)) minute.startedAt = now
    for (const sample of samples) minute.squares += sample * sample
    minute.samples += samples.length
    if (now - minute.startedAt < MINUTE - SECOND / 2) return
    device.values(t, { 'sound.level': levelOf(minute.squares / minute.samples) })
    minute = { startedAt: now, squares: 0, samples: 0 }
  }

  return {
    sample({ samples }, t) {
      if (samples.every((sample) => sample === samples[0]))
        device.counters.trouble('fault', 1, 'nothing but silence: is the microphone plugged in?')
      else device.counters.recovered('fault')
      device.sound({ rate, t: startOf(t, (samples.length * SECOND) / rate), samples })
      measure(samples, t)
    },
    end() {
      nextT = undefined
      minute = { startedAt: Number.NaN, squares: 0, samples: 0 }
    },
  }
}

/** Decibels below full scale of a mean square. */
export function levelOf(meanSquare: number): number {
  return Math.max(SILENCE_DB, 10 * Math.log10(meanSquare / FULL_SCALE ** 2))
}
