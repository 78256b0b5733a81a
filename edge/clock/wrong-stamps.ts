import { DAY, MINUTE } from '#domain/time.ts'
import { type Belief, DRIFT, EARLIEST_NOW, SAME_MS } from './belief.ts'
import type { Earlier, Used } from './clock-note.ts'

/**
 * All that this clock stamped, at its times from `fromT` to `toT`, was wrong by `byMs`; `isGuess`: by as much as can be
 * told.
 */
export type WrongStamp = {
  boot: string
  offsetMs: number
  byMs: number
  fromT: number
  toT: number
  isGuess: boolean
}

/** Below this the last reading of a boot is not said to be later than the next boot. */
const SURELY_AFTER_MS = 10 * MINUTE
/** A box that never knew the time counts from the earliest one: so long at most. */
const LONGEST_UNKNOWN_MS = 180 * DAY

/**
 * What of this boot is wrong, now that the time is known. What was stamped while it was known too may differ by as much
 * as the quartz has drifted since: that is not wrong, or each correction would spoil what was right when it was stamped.
 */
export function wrongOfThisBoot(
  boot: string,
  used: readonly Used[],
  { offsetMs }: Belief,
  monoMs: number,
): WrongStamp[] {
  return used.flatMap((one, index) => {
    const byMs = offsetMs - one.offsetMs
    const allowedMs = SAME_MS + (one.isKnown ? DRIFT * (monoMs - one.fromMs) : 0)
    const toT = one.offsetMs + (used[index + 1]?.fromMs ?? monoMs)
    return Math.abs(byMs) > allowedMs ? [{ boot, ...spanOf(one, toT), byMs, isGuess: false }] : []
  })
}

/**
 * What is evidently wrong of boots that ended before the time was known in them: before any time there can be, or after
 * the beginning of the next boot. Nobody knows when they were; that they ended before the next one began is certain,
 * and after a short power cut it is the truth. `bootedAt`: when the present boot began, UTC ms.
 */
export function wrongOfEarlier(earlier: readonly Earlier[], bootedAt: number): WrongStamp[] {
  let endsBefore = bootedAt
  const wrong: WrongStamp[] = []
  for (const { boot, used, newestT } of earlier.toReversed()) {
    const [first, last] = [used[0], used.at(-1)]
    if (!first || !last) continue
    const isWrong = newestT < EARLIEST_NOW + LONGEST_UNKNOWN_MS || newestT > endsBefore + SURELY_AFTER_MS
    const trueOffsetMs = last.offsetMs + (isWrong ? Math.floor(endsBefore) - newestT : 0)
    for (const [index, one] of used.entries()) {
      const byMs = trueOffsetMs - one.offsetMs
      const until = used[index + 1]?.fromMs
      const toT = until === undefined ? newestT : one.offsetMs + until
      if (isWrong && Math.abs(byMs) > SAME_MS) wrong.push({ boot, ...spanOf(one, toT), byMs, isGuess: true })
    }
    endsBefore = Math.min(endsBefore, trueOffsetMs + first.fromMs)
  }
  return wrong
}

function spanOf({ offsetMs, fromMs }: Used, toT: number): Pick<WrongStamp, 'offsetMs' | 'fromT' | 'toT'> {
  return { offsetMs, fromT: Math.floor(offsetMs + fromMs), toT: Math.ceil(toT) }
}
