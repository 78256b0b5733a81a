import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { LedgerStatement } from '#domain/ledger.ts'
import type { Reading } from '#domain/reading.ts'
import { DAY, HOUR, MINUTE } from '#domain/time.ts'
import type { EdgeStore } from '../store/edge-store.ts'
import { openStore } from '../store/open-store.ts'
import type { CloudAnswer } from './cloud-client.ts'
import { createLedgerTelling } from './ledger-telling.ts'

const DAY0 = Date.UTC(2026, 5, 1)
const reading = (t: number): Reading => ({
  series: { house: 'h1', device: 'air-1', metric: 'air.co2', source: 'sensor', by: '' },
  ...{ t, value: 900, quality: 'good' },
})

let dir: string
let store: EdgeStore
let now: number
let told: LedgerStatement[]
let answer: CloudAnswer
let isWatched: boolean
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flockwise-ledger-'))
  now = DAY0 + 2 * DAY + HOUR
  store = openStore(dir, { now }).store
  told = []
  answer = { kind: 'ok', body: null }
  isWatched = false
})
afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true, force: true })
})

const acknowledge = (number: number) => store.setNote('watermark.readings', String(number))
function telling() {
  const ledger = createLedgerTelling({
    store,
    clock: { now: () => now, monotonic: () => now },
    lane: {
      backlog: () => store.lastNumber('readings') - Number(store.note('watermark.readings') ?? 0),
      sent: () => store.lastNumber('readings'),
      acknowledged: () => Number(store.note('watermark.readings') ?? 0),
    },
    offline: { heard: () => {}, longestOn: () => 7 },
    keepNote: store.setNote,
    isWatched: () => isWatched,
    client: {
      send: async ({ json }) => {
        told.push(JSON.parse(json ?? '') as LedgerStatement)
        return answer
      },
    },
  })
  /** So many steps; the days told of in them, with what was measured and acknowledged. */
  const tell = async (steps: number) => {
    told = []
    for (let step = 0; step < steps; step++) await ledger.step()
    return told.map(({ day, streams: [stream] }) => [day.slice(8), stream?.measured, stream?.acknowledged])
  }
  return Object.assign(tell, { anew: ledger.tellAnew })
}

it('tells each day once, the running one now and then', async () => {
  store.commit({ readings: [DAY0, DAY0 + 1, DAY0 + DAY, now].map(reading), events: [] })
  acknowledge(4)
  const tell = telling()
  expect(await tell(5)).toEqual([
    ['01', 2, 2],
    ['02', 1, 1],
    ['03', 1, 1],
  ])
  expect(told[0]).toMatchObject({ longestOfflineMs: 7, damaged: 0, numbers: { stored: 4, acknowledged: 4 } })
  now += 3 * HOUR
  expect(await tell(3)).toEqual([])
  isWatched = true
  expect(await tell(3)).toEqual([['03', 1, 1]])
  isWatched = false
  now += 7 * HOUR
  expect(await tell(3)).toEqual([['03', 1, 1]])
  // It also holds after a restart.
  expect(await telling()(3)).toEqual([['03', 1, 1]])
})

it('tells a day again when late readings came, and until all of it is acknowledged', async () => {
  store.commit({ readings: [reading(DAY0)], events: [] })
  acknowledge(1)
  const tell = telling()
  expect(await tell(3)).toEqual([['01', 1, 1]])
  store.commit({ readings: [reading(DAY0 + MINUTE)], events: [] })
  now += HOUR
  expect(await tell(3)).toEqual([['01', 2, 1]])
  acknowledge(2)
  now += HOUR
  expect(await tell(3)).toEqual([['01', 2, 2]])
})

it('lets no day that is never acknowledged stand before the others, and tells it ever more seldom', async () => {
  store.commit({ readings: [reading(DAY0), reading(DAY0 + DAY)], events: [] })
  const tell = telling()
  const days: unknown[] = []
  for (let minute = 0; minute < 600; minute++) {
    days.push(...(await tell(1)).map(([day]) => day))
    now += MINUTE
  }
  for (const day of ['01', '02']) expect(days.filter((one) => one === day)).toHaveLength(5)
  acknowledge(2)
  now += 6 * HOUR
  expect(await tell(3)).toEqual([
    ['01', 1, 1],
    ['02', 1, 1],
  ])
})

it('passes over a day that the cloud will not hear of', async () => {
  store.commit({ readings: [reading(DAY0), reading(DAY0 + DAY)], events: [] })
  const tell = telling()
  answer = { kind: 'problem', code: 'not-valid', detail: 'no', body: {} }
  expect((await tell(4)).map(([day]) => day)).toEqual(['01', '02'])
})

it('tells a cloud that was put back, or is another one, everything again', async () => {
  store.commit({ readings: [DAY0, DAY0 + DAY].map(reading), events: [] })
  acknowledge(2)
  const tell = telling()
  const both = [
    ['01', 1, 1],
    ['02', 1, 1],
  ]
  expect(await tell(5)).toEqual(both)
  tell.anew()
  expect(await telling()(5)).toEqual(both)
  expect(await tell(5)).toEqual(both)
})

it('waits while much is on its way, and says again what was not heard', async () => {
  store.commit({ readings: Array.from({ length: 6000 }, (_, i) => reading(DAY0 + i)), events: [] })
  const tell = telling()
  expect(await tell(2)).toEqual([])
  acknowledge(6000)
  answer = { kind: 'failed', why: 'no line' }
  expect(await tell(1)).toEqual([['01', 6000, 6000]])
  answer = { kind: 'ok', body: null }
  expect(await tell(3)).toEqual([['01', 6000, 6000]])
})
