import type { Clock } from '#domain/time.ts'

/**
 * How often something may be tried in a while, by key (an account, an address). Counted before the try, so
 * that many at once are no way around. Holds at most `capacity` keys; the one longest untouched goes first.
 */
export type AttemptLimit = {
  /** Counts one try. 0 when it is allowed, else for how many ms there is no use in trying. */
  tryAgainIn(key: string): number
  forgive(key: string): void
}

export function createAttemptLimit(
  clock: Clock,
  { most, withinMs, capacity = 10_000 }: { most: number; withinMs: number; capacity?: number },
): AttemptLimit {
  const tries = new Map<string, { n: number; until: number }>()

  return {
    tryAgainIn(key) {
      const now = clock.monotonic()
      const known = tries.get(key)
      const current = known && known.until > now ? known : { n: 0, until: now + withinMs }
      tries.delete(key)
      tries.set(key, current)
      const [oldest] = tries.keys()
      if (tries.size > capacity && oldest !== undefined) tries.delete(oldest)
      if (current.n >= most) return current.until - now
      current.n++
      return 0
    },
    forgive(key) {
      tries.delete(key)
    },
  }
}
