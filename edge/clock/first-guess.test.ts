import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { MINUTE } from '#domain/time.ts'
import type { DateAnswer } from './ask-date.ts'
import { openFirstGuess } from './first-guess.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('asks until somebody knows the time, and not before the cloud could say it itself', async () => {
  let asked = 0
  let isKnown = false
  const guesses: number[] = []
  const answers: DateAnswer[] = [
    { kind: 'refused', why: 'closed' },
    { kind: 'date', dateMs: 5 },
    { kind: 'no-need' },
  ]
  const clock = { isKnown: () => isKnown, guess: (dateMs: number) => guesses.push(dateMs) }
  const first = openFirstGuess(clock, async () => answers[asked++] ?? { kind: 'no-need' })
  await vi.advanceTimersByTimeAsync(MINUTE - 1)
  expect(asked).toBe(0)
  await vi.advanceTimersByTimeAsync(12 * MINUTE)
  expect([asked, guesses]).toEqual([3, [5]])
  isKnown = true
  await vi.advanceTimersByTimeAsync(60 * MINUTE)
  expect(asked).toBe(3)
  first.close()
})
