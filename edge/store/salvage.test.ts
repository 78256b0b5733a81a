import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { Reading } from '#domain/reading.ts'
import { HOUR, MINUTE } from '#domain/time.ts'
import type { EdgeStore } from './edge-store.ts'
import { openStore } from './open-store.ts'
import { salvage } from './salvage.ts'

const T0 = Date.UTC(2026, 5, 1)
const HOURS = 48
const DEVICES = 20
const reading = (device: number, t: number): Reading => ({
  series: { house: 'h1', device: `air-${device}`, metric: 'air.co2', source: 'sensor', by: '' },
  // As noisy as a sensor, or it would pack into nothing.
  ...{ t, value: 400 + (((t / MINUTE) * 7919 + device * 104_729) % 997), quality: 'good' },
})
const event: AlarmEvent = {
  ...{ alarm: 'h1|air-1|hot|1', action: 'raised', t: T0, since: T0, house: 'h1', device: 'air-1' },
  ...{ rule: 'hot', metric: 'air.temperature', severity: 'critical', value: 40, limit: 36, late: false },
}

let dir: string
let store: EdgeStore | undefined
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flockwise-salvage-'))
})
afterEach(() => {
  store?.close()
  store = undefined
  rmSync(dir, { recursive: true, force: true })
})

async function fill(): Promise<void> {
  const first = openStore(dir, { now: T0 }).store
  first.commit({ readings: [], events: [event] })
  for (let hour = 0; hour < HOURS; hour++) {
    const readings: Reading[] = []
    for (let minute = 0; minute < 60; minute++) {
      for (let device = 0; device < DEVICES; device++) {
        readings.push(reading(device, T0 + hour * HOUR + minute * MINUTE))
      }
    }
    first.commit({ readings, events: [] })
    // The last hours are left as they were committed.
    if (hour < HOURS - 4) while ((await first.tidy({ sealAll: true })) === 'more');
  }
  // The first two hours are in the cloud.
  first.setNote('watermark.readings', String(2 * 60 * DEVICES))
  first.close()
}

function overwrite(path: string, from: number, length: number): void {
  const handle = openSync(path, 'r+')
  writeSync(handle, Buffer.alloc(length, 0xa5), 0, length, from)
  closeSync(handle)
}

/** Opens anew and salvages what was set aside. */
async function reopen() {
  const opened = openStore(dir, { now: T0 + 3 * 24 * HOUR })
  store = opened.store
  if (!opened.setAside) throw new Error('nothing was set aside')
  const path = opened.setAside
  return salvage({ path, store, now: () => T0 + 3 * 24 * HOUR, isClosed: () => false })
}

it('brings over all that was not acknowledged, from a file whose beginning is fine', async () => {
  await fill()
  // Somebody says that it is damaged: every page can be read.
  openSync(join(dir, 'edge.db.is-damaged'), 'w')
  const found = await reopen()
  expect(found).toEqual({ readings: (HOURS - 2) * 60 * DEVICES, events: 2, unreadable: 0 })
  const { series } = reading(7, 0)
  const back = store?.readingsBetween(series, T0, T0 + HOURS * HOUR) ?? []
  expect(back.map(({ t, value }) => [t, value])).toEqual(
    Array.from({ length: (HOURS - 2) * 60 }, (_, minute) => {
      const { t, value } = reading(7, T0 + 2 * HOUR + minute * MINUTE)
      return [t, value]
    }),
  )
  expect(store?.openAlarms()).toEqual([])
  const path = join(dir, readdirSync(dir).find((name) => /damaged-.*Z$/.test(name)) ?? '')
  // Once more, as after a restart in the middle: nothing counts twice.
  const again = store && (await salvage({ path, store, now: () => T0, isClosed: () => false }))
  expect(again?.readings).toBe(0)
})

it('loses of a file with torn pages only what lay in them', async () => {
  await fill()
  const path = join(dir, 'edge.db')
  const { size } = statSync(path)
  // One page in three, wherever it stands; the first ones hold the roots of the tables.
  for (let page = 24; page * 4096 < size; page += 3) overwrite(path, page * 4096, 4096)
  openSync(join(dir, 'edge.db.is-damaged'), 'w')
  const { readings } = await reopen()
  expect(readings).toBeGreaterThan(0.3 * HOURS * 60 * DEVICES)
  expect(readings).toBeLessThan((HOURS - 2) * 60 * DEVICES)
})

it('finds nothing, and says so, in a file of rubbish', async () => {
  await fill()
  const path = join(dir, 'edge.db')
  overwrite(path, 0, statSync(path).size)
  expect(await reopen()).toEqual({ readings: 0, events: 0, unreadable: 0 })
})

it('keeps by which clock a reading was stamped, so that it is moved when that proves wrong', async () => {
  const clock = { boot: '0123456789abcdef', offsetMs: 1_000 }
  const { series } = reading(1, T0)
  const [sent, fresh, known] = [T0, T0 + HOUR, T0 + 2 * HOUR]
  const first = openStore(dir, { now: T0 }).store
  first.setNote('clock', '{"boot":"0123456789abcdef"}')
  first.commit({ readings: [reading(1, sent)], events: [], clock })
  first.readingsAfter(0, 100)
  first.moveReadings({ ...clock, byMs: 10 * MINUTE })
  first.setNote('watermark.readings', '1')
  const moved = { ...clock, offsetMs: clock.offsetMs + 10 * MINUTE }
  first.commit({ readings: [reading(1, fresh)], events: [], clock: moved })
  first.commit({ readings: [reading(1, known)], events: [] })
  first.close()
  openSync(join(dir, 'edge.db.is-damaged'), 'w')
  await reopen()
  expect(store?.note('clock')).toBe('{"boot":"0123456789abcdef"}')
  const times = () => store?.readingsBetween(series, 0, T0 + 9 * HOUR).map(({ t }) => t - T0)
  expect(times()).toEqual([10 * MINUTE, HOUR, 2 * HOUR])
  // The cloud is told to take back what it was sent at the wrong time.
  expect(store?.readingsAfter(0, 100)).toMatchObject({ movedByMs: 10 * MINUTE, count: 1 })
  store?.moveReadings({ ...moved, byMs: MINUTE })
  while ((await store?.tidy({ sealAll: false })) === 'more');
  expect(times()).toEqual([11 * MINUTE, HOUR + MINUTE, 2 * HOUR])
})
