import { routes } from '#domain/api/routes.ts'
import { SECOND } from '#domain/time.ts'
import type { Early } from '../early.ts'

/** After this an early answer is no answer to what is asked now. */
const GOOD_FOR_MS = 30 * SECOND

/**
 * A fetch that takes what was asked while the page was loading (early.ts): each answer once, and only in the
 * first seconds. All else goes to `fetcher`.
 */
export function takeEarly(
  early: Early | undefined,
  fetcher: typeof fetch,
  clock: () => number,
): typeof fetch {
  const until = clock() + GOOD_FOR_MS
  let session = early?.session
  return async (input, init) => {
    if (!early || init?.method !== 'GET' || typeof input !== 'string' || clock() > until)
      return fetcher(input, init)
    if (input === routes.session) {
      const answer = session
      session = undefined
      return answer ?? fetcher(input, init)
    }
    const answers = await early.farm
    const answer = answers.get(input)
    answers.delete(input)
    return answer ?? fetcher(input, init)
  }
}
