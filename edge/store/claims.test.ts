import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Reading } from '#domain/reading.ts'
import { DAY, MINUTE } from '#domain/time.ts'
import type { EdgeStore } from './edge-store.ts'
import { openStore } from './open-store.ts'

const T0 = Date.UTC(2026, 5, 1)
/** What a device says whose clock is a year ahead. */
const CLAIMED = T0 + 365 * DAY
const reading = (t: number, value = 20): Reading => ({
  series: { house: 'h1', device: 'air-1', metric: 'air.temperature', source: 'sensor', by: '' },
  ...{ t, value, quality: 'good' },
})

let dir: string
let store: EdgeStore
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flockwise-claims-'))
  store = openStore(dir, { now: T0 }).store
})
afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true, force: true })
})
const say = (t: number, claimed: number, value = 20) => {
  const said = reading(t, value)
  return store.commit({ readings: [said], events: [], claims: new Map([[said, claimed]]) })
}
const stored = () =>
  store.readingsBetween(reading(0).series, 0, 2 * CLAIMED).map(({ t, value }) => [t, value])

it('knows a reading again by what its sender said of its time, also after a restart', () => {
  expect(say(T0, CLAIMED).stored).toBe(1)
  // It was not acknowledged, and arrives once more: another estimate of when it was.
  expect(say(T0 + 700, CLAIMED)).toEqual({ stored: 0, duplicate: 1 })
  store.close()
  store = openStore(dir, { now: T0 }).store
  expect(say(T0 + 900, CLAIMED)).toEqual({ stored: 0, duplicate: 1 })
  // Now the clock of this edge is believed to be right, and what the sender says can be.
  expect(store.commit({ readings: [reading(CLAIMED)], events: [] })).toEqual({ stored: 0, duplicate: 1 })
  expect(stored()).toEqual([[T0, 20]])
})

it('takes another value under the same claim for another reading: that clock was set back', () => {
  say(T0, CLAIMED)
  expect(say(T0 + MINUTE, CLAIMED, 21).stored).toBe(1)
  expect(stored()).toEqual([
    [T0, 20],
    [T0 + MINUTE, 21],
  ])
})

it('gives two values of one ms a ms each, and knows each of them again', () => {
  const twice = [reading(T0, 20), reading(T0, 21), reading(T0, 20)]
  expect(store.commit({ readings: twice, events: [] })).toEqual({ stored: 2, duplicate: 1 })
  expect(store.commit({ readings: twice, events: [] })).toEqual({ stored: 0, duplicate: 3 })
  expect(stored()).toEqual([
    [T0, 20],
    [T0 + 1, 21],
  ])
})

it('knows a reading again that was taken at the wrong time of both, and has been moved since', () => {
  const clock = { boot: '00000000000000a1', offsetMs: 5 }
  store.commit({ readings: [reading(CLAIMED)], events: [], clock })
  store.moveReadings({ ...clock, byMs: T0 - CLAIMED })
  // Its sender repeats it, still a year ahead, and the edge knows better now.
  expect(say(T0 + 700, CLAIMED)).toEqual({ stored: 0, duplicate: 1 })
  expect(stored()).toEqual([[T0, 20]])
})
