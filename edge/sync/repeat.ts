import { backOff } from '#domain/back-off.ts'
import { type Clock, MINUTE, SECOND } from '#domain/time.ts'
import { createWaker, type Waker } from './waker.ts'

/**
 * What comes after a step. `more`: at once; a number: after so many ms or at a wake-up; `afterMs`: not before;
 * `atLeastMs`: it failed, so back off, and no shorter than that.
 */
export type Pause = 'more' | number | { afterMs: number } | { atLeastMs: number | undefined }

/**
 * Repeats a step until closed: pauses as it says, and backs off while it fails or throws, up to `longestMs`. The
 * first of several that succeeds again after it had failed ends the others' back-off: the line is back.
 */
export type Repeat = (
  step: () => Promise<Pause>,
  options?: { waker?: Waker; longestMs?: number },
) => Promise<void>

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
export const retryWaits = (random: () => number, longestMs = LONGEST_WAIT_MS) =>
  backOff(random, FIRST_WAIT_MS, longestMs)

export function createRepeat({ clock, random, closed, onThrown }: RepeatDeps): Repeat {
  const safely = async (step: () => Promise<Pause>): Promise<Pause> => {
    try {
      return await step()
    } catch (error) {
      onThrown(error)
      return { atLeastMs: undefined }
    }
  }
  /** Counts the times that the line came back, and wakes who waits for it. */
  let returns = 0
  const waiting = new Set<Waker>()
  const lineIsBack = () => {
    returns++
    for (const waker of waiting) waker.wake()
  }

  return async (step, { waker = createWaker(closed), longestMs = LONGEST_WAIT_MS } = {}) => {
    let waits = retryWaits(random, longestMs)
    let isFailing = false
    while (!closed.aborted) {
      const pause = await safely(step)
      const hasFailed = typeof pause === 'object' && 'atLeastMs' in pause
      if (!hasFailed) {
        if (isFailing) lineIsBack()
        isFailing = false
        waits = retryWaits(random, longestMs)
      }
      if (pause === 'more') continue
      if (typeof pause === 'number') {
        await waker.sleep(pause)
        continue
      }
      isFailing ||= hasFailed
      const ms = 'afterMs' in pause ? pause.afterMs : Math.max(pause.atLeastMs ?? 0, waits.next().value)
      // A wake-up shortens neither a back-off nor what the cloud asked for; the line's return ends a back-off.
      const until = clock.monotonic() + Math.min(ms, LONGEST_NOT_BEFORE_MS)
      const isOver = 'afterMs' in pause || pause.atLeastMs !== undefined ? () => false : isReturned(returns)
      waiting.add(waker)
      while (!closed.aborted && clock.monotonic() < until && !isOver()) {
        await waker.sleep(until - clock.monotonic())
      }
      waiting.delete(waker)
    }
  }

  function isReturned(before: number): () => boolean {
    return () => returns > before
  }
}
