import { EARLIEST, isInstant } from '#domain/reading.ts'
import { DAY, MAX_AHEAD_MS, SECOND } from '#domain/time.ts'
import type { EdgeClock } from '../clock/edge-clock.ts'
import { createSenderClocks } from './sender-clocks.ts'

/**
 * When something was measured. `isOurs`: by this edge's clock, so that it is moved when that proves wrong; else by the
 * sender's, and it is moved only where both prove wrong (`EdgeClock.stampOfOther`).
 */
export type SampleTime = {
  t: number
  isOurs: boolean
  /** What the sender says, where something else counts: if it comes again, it says that again. */
  claimed?: number
}

/** What a sender says of the moment: its wall clock and, if it knows them, its boot and the time since. */
export type SenderTime = { t: number; boot?: string; mono?: number }

export type SampleTimes = {
  /** Before the times of a message are asked for: the newest of them has just arrived. */
  arrived(device: string, newest: SenderTime): void
  timeOf(device: string, time: SenderTime): SampleTime
  /** Of what is told at once or never. UTC ms, always by this edge's clock. */
  timeAtOnce(device: string, t: number): number
}

/** So old no backlog becomes: it is another idea of the date. */
const FOREIGN_MS = 30 * DAY
/** A sender that counts from the same start cannot be ahead of it. */
const ROUNDING_MS = 1 * SECOND

/**
 * Whose word counts for the time of a sample. A sender on this machine counts from the same start as the edge, and the
 * edge knows best when that was. Another one knows the time as well as the edge, as long as it can be true; where it
 * cannot (from the future, before 2020, or, while the edge itself is not sure, of a quite different date), its clock
 * says only how long before the others something was, and the edge counts back from when they arrived.
 */
export function createSampleTimes(clock: EdgeClock, onRestamped: (device: string) => void): SampleTimes {
  const clocks = createSenderClocks()

  const isOwnBoot = ({ boot, mono }: SenderTime): boolean =>
    boot === clock.boot && mono !== undefined && mono <= clock.monotonic() + ROUNDING_MS
  const canBe = (t: number): boolean => {
    const ageMs = clock.now() - t
    return t >= EARLIEST && ageMs >= -MAX_AHEAD_MS && (clock.isKnown() || ageMs < FOREIGN_MS)
  }
  const hear = (device: string, time: SenderTime) => {
    if (time.boot !== undefined && time.mono !== undefined)
      clocks.heard(time.boot, time.mono, clock.monotonic())
    else clocks.heard(device, time.t, clock.monotonic())
  }
  const momentOf = (device: string, { t, boot, mono }: SenderTime): number =>
    boot !== undefined && mono !== undefined ? clocks.momentOf(boot, mono) : clocks.momentOf(device, t)
  const byOurClock = (monoMs: number) => Math.round(monoMs + clock.stamp().offsetMs)
  const isNear = (t: number, other: number) => Math.abs(t - other) <= MAX_AHEAD_MS
  /** The sender's clock shows what ours does: by a sample that has just been taken, or by others heard before. */
  const agrees = (device: string, time: SenderTime): boolean =>
    isNear(time.t, clock.now()) || isNear(time.t, byOurClock(momentOf(device, time)))

  return {
    arrived(device, newest) {
      if (!isOwnBoot(newest)) hear(device, newest)
    },
    timeOf(device, time) {
      if (isOwnBoot(time)) return { t: byOurClock(time.mono ?? 0), isOurs: true }
      // What is no time at all is refused as such.
      if (!isInstant(time.t)) return { t: time.t, isOurs: false }
      if (canBe(time.t)) {
        // While nobody knows the time, who agrees with this edge is as wrong as it is.
        const isAgreed = !clock.isKnown() && agrees(device, time)
        return { t: time.t, isOurs: isAgreed }
      }
      onRestamped(device)
      return { t: byOurClock(momentOf(device, time)), isOurs: true, claimed: time.t }
    },
    timeAtOnce(device, t) {
      if (isNear(t, clock.now()) || !isInstant(t)) return t
      hear(device, { t })
      onRestamped(device)
      return byOurClock(momentOf(device, { t }))
    },
  }
}
