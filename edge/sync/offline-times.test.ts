import { expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '#domain/time.ts'
import { createOfflineTimes } from './offline-times.ts'

const DAY0 = 20_600
function bench(notes = new Map<string, string>(), start = DAY0 * DAY + HOUR) {
  let server = start
  let monotonic = 5
  const offline = createOfflineTimes({
    clock: { monotonic: () => monotonic },
    note: (key) => notes.get(key),
    keepNote: (key, value) => notes.set(key, value),
  })
  const pass = (ms: number) => {
    server += ms
    monotonic += ms
  }
  return {
    notes,
    longestOn: offline.longestOn,
    pass,
    /** The cloud answers after so long; its own clock may jump meanwhile. */
    answerAfter(ms: number, jumpMs = 0) {
      pass(ms)
      server += jumpMs
      offline.heard(server)
    },
  }
}

it('keeps the longest of each day, and not the pause between two batches', () => {
  const { longestOn, answerAfter, pass } = bench()
  for (let minute = 0; minute < 5; minute++) answerAfter(MINUTE)
  expect(longestOn(DAY0)).toBe(0)
  answerAfter(10 * MINUTE)
  answerAfter(4 * MINUTE)
  expect(longestOn(DAY0)).toBe(10 * MINUTE)
  // The one that is running counts, and one over midnight counts to both days.
  pass(23 * HOUR)
  expect([DAY0, DAY0 + 1, DAY0 + 2].map(longestOn)).toEqual([23 * HOUR, 23 * HOUR, 0])
})

it('survives a restart, whose own time counts as well', () => {
  const first = bench()
  first.answerAfter(0)
  first.answerAfter(10 * MINUTE)
  const second = bench(first.notes, DAY0 * DAY + 3 * HOUR)
  expect(second.longestOn(DAY0)).toBe(10 * MINUTE)
  second.answerAfter(0)
  expect(second.longestOn(DAY0)).toBe(110 * MINUTE)
  expect(bench(new Map([['offline', '{']])).longestOn(DAY0)).toBe(0)
})

it('does not take a clock that jumps for a time without a line', () => {
  const { longestOn, answerAfter } = bench()
  answerAfter(MINUTE)
  answerAfter(MINUTE, 638 * DAY)
  expect(longestOn(DAY0)).toBe(0)
  expect(longestOn(DAY0 + 638)).toBe(0)
})
