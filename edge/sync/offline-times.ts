import { type Clock, DAY, MINUTE } from '#domain/time.ts'

/** The longest time without an answer of the cloud, by days since 1970 (UTC). It survives a restart. */
export type OfflineTimes = {
  /** The cloud has answered. */
  heard(): void
  /** ms; with the time that is running, if it is the longest. */
  longestOn(day: number): number
}

export type OfflineTimesDeps = {
  clock: Clock
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
  // Of the time when the program did not run only the wall clock knows.
  let heardAt = heardBefore || clock.now()
  let notedAt = Number.NEGATIVE_INFINITY

  const spread = (from: number, to: number, into: Record<string, number>) => {
    if (to - from < WORTH_NOTING_MS) return
    for (let day = Math.floor(from / DAY); day * DAY < to; day++) {
      into[day] = Math.max(into[day] ?? 0, to - from)
    }
  }
  return {
    heard() {
      const now = clock.now()
      const isGap = now - heardAt >= WORTH_NOTING_MS
      spread(heardAt, now, longest)
      heardAt = now
      // Written down now and then, so that a restart does not look like a time without a line.
      if (!isGap && clock.monotonic() - notedAt < WORTH_NOTING_MS) return
      notedAt = clock.monotonic()
      const oldest = Math.floor(now / DAY) - KEPT_DAYS
      for (const day of Object.keys(longest)) if (Number(day) < oldest) delete longest[day]
      keepNote(KEY, JSON.stringify({ heardAt, longest } satisfies Noted))
    },
    longestOn(day) {
      const withRunning = { ...longest }
      spread(heardAt, clock.now(), withRunning)
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
