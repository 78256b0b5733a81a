import { backOff } from '#domain/back-off.ts'
import { type Clock, MINUTE, SECOND } from '#domain/time.ts'
import { createWaker, type Waker } from './waker.ts'

/**
 * What comes after a step. `more`: at once; a number: after so many ms or at a wake-up; `afterMs`: not before;
 * `atLeastMs`: it failed, so back off, and no shorter than that.
 */
export type Pause = 'more' | number | { afterMs: number } | { atLeastMs: number | undefined }

/** Repeats a step until closed: pauses as it says, and backs off while it fails or throws. */
export type Repeat = (step: () => Promise<Pause>, waker?: Waker) => Promise<void>

export type RepeatDeps = {
  clock: Clock
  /** 0 … 1. */
  random: () => number
  closed: AbortSignal
  /** A step threw: the store does not take or give. */
  onThrown(error: unknown): void
}

const FIRST_WAIT_MS = 1 * SECOND
const LONGEST_WAIT_MS = 1 * MINUTE
const LONGEST_NOT_BEFORE_MS = 60 * MINUTE

/** Waits between tries that fail. */
export const retryWaits = (random: () => number) => backOff(random, FIRST_WAIT_MS, LONGEST_WAIT_MS)

export function createRepeat({ clock, random, closed, onThrown }: RepeatDeps): Repeat {
  const safely = async (step: () => Promise<Pause>): Promise<Pause> => {
    try {
      return await step()
    } catch (error) {
      onThrown(error)
      return { atLeastMs: undefined }
    }
  }
  return async (step, waker = createWaker(closed)) => {
    let waits = retryWaits(random)
    while (!closed.aborted) {
      const pause = await safely(step)
      if (pause === 'more') continue
      if (typeof pause === 'number') {
        waits = retryWaits(random)
        await waker.sleep(pause)
        continue
      }
      const ms = 'afterMs' in pause ? pause.afterMs : Math.max(pause.atLeastMs ?? 0, waits.next().value)
      if ('afterMs' in pause) waits = retryWaits(random)
      // A wake-up shortens neither a back-off nor what the cloud asked for.
      const until = clock.monotonic() + Math.min(ms, LONGEST_NOT_BEFORE_MS)
      while (!closed.aborted && clock.monotonic() < until) await waker.sleep(until - clock.monotonic())
    }
  }
}
