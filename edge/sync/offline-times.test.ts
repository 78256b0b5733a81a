import { expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '#domain/time.ts'
import { createOfflineTimes } from './offline-times.ts'

const DAY0 = 20_600
function bench(notes = new Map<string, string>(), start = DAY0 * DAY + HOUR) {
  let now = start
  const offline = createOfflineTimes({
    clock: { now: () => now, monotonic: () => now },
    note: (key) => notes.get(key),
    keepNote: (key, value) => notes.set(key, value),
  })
  return {
    notes,
    offline,
    after(ms: number) {
      now += ms
      return offline
    },
  }
}

it('keeps the longest of each day, and not the pause between two batches', () => {
  const { offline, after } = bench()
  for (let minute = 0; minute < 5; minute++) after(MINUTE).heard()
  expect(offline.longestOn(DAY0)).toBe(0)
  after(10 * MINUTE).heard()
  after(4 * MINUTE).heard()
  expect(offline.longestOn(DAY0)).toBe(10 * MINUTE)
  // The one that is running counts, and one over midnight counts to both days.
  after(23 * HOUR)
  expect([DAY0, DAY0 + 1, DAY0 + 2].map(offline.longestOn)).toEqual([23 * HOUR, 23 * HOUR, 0])
})

it('survives a restart, whose own time counts as well', () => {
  const first = bench()
  first.after(10 * MINUTE).heard()
  const second = bench(first.notes, DAY0 * DAY + 3 * HOUR)
  expect(second.offline.longestOn(DAY0)).toBe(110 * MINUTE)
  expect(bench(new Map([['offline', '{']])).offline.longestOn(DAY0)).toBe(0)
})
