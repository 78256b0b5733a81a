import { type Clock, DAY, MINUTE } from '#domain/time.ts'

/**
 * The longest time without an answer of the cloud, by days since 1970 (UTC). It goes by the times that the cloud puts
 * on its answers, and within a run by the clock that never jumps: the wall clock of a box without a battery may be
 * years off after a start, and would call its correction a time without a line. It survives a restart.
 */
export type OfflineTimes = {
  /** The cloud has answered. UTC ms, by the cloud. */
  heard(serverMs: number): void
  /** ms; with the time that is running, if it is the longest. */
  longestOn(day: number): number
}

export type OfflineTimesDeps = {
  clock: Pick<Clock, 'monotonic'>
  note(key: string): string | undefined
  keepNote(key: string, value: string): void
}

const KEY = 'offline'
/** Shorter ones are the ordinary pause between two batches. */
const WORTH_NOTING_MS = 2 * MINUTE
const KEPT_DAYS = 40

type Noted = { heardAt: number; longest: Record<string, number> }

export function createOfflineTimes({ clock, note, keepNote }: OfflineTimesDeps): OfflineTimes {
  const { heardAt: heardBefore, longest } = readNoted(note(KEY))
  /** The last answer of this run, by both clocks. */
  let last: { server: number; monotonic: number } | undefined
  let notedAt = Number.NEGATIVE_INFINITY

  const spread = (from: number, to: number, into: Record<string, number>) => {
    if (to - from < WORTH_NOTING_MS) return
    for (let day = Math.floor(from / DAY); day * DAY < to; day++) {
      into[day] = Math.max(into[day] ?? 0, to - from)
    }
  }
  const sinceLast = () => (last ? clock.monotonic() - last.monotonic : 0)
  return {
    heard(serverMs) {
      // Of the time when the program did not run only the cloud's clock knows.
      const gapMs = last || !heardBefore ? sinceLast() : serverMs - heardBefore
      // A day further back than is kept would make one entry for each day between.
      spread(Math.max(serverMs - gapMs, serverMs - KEPT_DAYS * DAY), serverMs, longest)
      last = { server: serverMs, monotonic: clock.monotonic() }
      // Written down now and then, so that a restart does not look like a time without a line.
      if (gapMs < WORTH_NOTING_MS && clock.monotonic() - notedAt < WORTH_NOTING_MS) return
      notedAt = clock.monotonic()
      const oldest = Math.floor(serverMs / DAY) - KEPT_DAYS
      for (const day of Object.keys(longest)) if (Number(day) < oldest) delete longest[day]
      keepNote(KEY, JSON.stringify({ heardAt: serverMs, longest } satisfies Noted))
    },
    longestOn(day) {
      const withRunning = { ...longest }
      if (last) spread(last.server, last.server + sinceLast(), withRunning)
      return Math.round(withRunning[day] ?? 0)
    },
  }
}

function readNoted(text: string | undefined): Noted {
  try {
    const noted = JSON.parse(text ?? '') as Noted
    return { heardAt: Number(noted.heardAt) || 0, longest: { ...noted.longest } }
  } catch {
    return { heardAt: 0, longest: {} }
  }
}
