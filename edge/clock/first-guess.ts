import { MINUTE } from '#domain/time.ts'
import type { DateAnswer } from './ask-date.ts'
import type { EdgeClock } from './edge-clock.ts'

/** The cloud itself says when it is within seconds, unless the connection to it fails. */
const FIRST_MS = 1 * MINUTE
const EVERY_MS = 5 * MINUTE

/** Asks for a first guess as long as nobody knows the time. */
export function openFirstGuess(
  clock: Pick<EdgeClock, 'isKnown' | 'guess'>,
  ask: () => Promise<DateAnswer>,
): { close(): void } {
  let isClosed = false
  let timer = setTimeout(guess, FIRST_MS)
  async function guess() {
    if (clock.isKnown()) return
    const answer = await ask()
    if (isClosed || clock.isKnown()) return
    if (answer.kind === 'date') clock.guess(answer.dateMs)
    timer = setTimeout(guess, EVERY_MS)
  }
  return {
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}
