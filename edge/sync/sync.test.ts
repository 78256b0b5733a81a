import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { Reading } from '#domain/reading.ts'
import type { Wants } from '#domain/sync.ts'
import { createCounters } from '../counters.ts'
import type { EdgeStore } from '../store/edge-store.ts'
import { openStore } from '../store/open-store.ts'
import { type FakeCloud, openFakeCloud, type Trouble } from '../test/fake-cloud.ts'
import { pause, until } from '../test/wire-client.ts'
import { backOff } from './back-off.ts'
import { openIdentity } from './identity.ts'
import { openSync, type Sync } from './sync.ts'

const T0 = Date.UTC(2026, 5, 1)
const reading = (t: number, value = 20): Reading => ({
  series: { house: 'h1', device: 'air-1', metric: 'air.temperature', source: 'sensor', by: '' },
  t: T0 + t,
  value,
  quality: 'good',
})
const event: AlarmEvent = {
  alarm: 'h1|air-1|air-hot|1',
  action: 'raised',
  t: T0,
  house: 'h1',
  device: 'air-1',
  rule: 'air-hot',
  metric: 'air.temperature',
  severity: 'critical',
  since: T0,
  value: 36,
  limit: 35,
  late: false,
}

describe('back-off', () => {
  it('doubles up to a minute, and shortens each wait by up to half', () => {
    const first = (count: number, random: number) => {
      const waits = backOff(() => random)
      return Array.from({ length: count }, () => waits.next().value)
    }
    expect(first(8, 0)).toEqual([1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000])
    expect(first(3, 1)).toEqual([500, 1000, 2000])
  })
})

describe('sync', () => {
  let dir: string
  let store: EdgeStore
  let cloud: FakeCloud
  let sync: Sync | undefined
  let wanted: Wants[]
  let counters: ReturnType<typeof createCounters>
  const open = (enrolCode: string | undefined = 'CODE-1234') => {
    sync = openSync({
      url: cloud.url,
      enrolCode,
      identity: openIdentity(dir, T0),
      store,
      clock: { now: Date.now, monotonic: () => performance.now() },
      counters,
      // The shortest waits.
      random: () => 1,
      isAlarmOpen: () => false,
      onWants: (wants) => wanted.push(wants),
      live: () => ({ readings: [reading(1)], devices: {} }),
      frames: (houses) =>
        houses.map((house) => ({ house, device: 'cam-1', t: T0, bytes: Uint8Array.of(1, 2, 3) })),
    })
    return sync
  }
  const write = (count: number, from = 0) =>
    store.commit({ readings: Array.from({ length: count }, (_, index) => reading(from + index)), events: [] })

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'flockwise-sync-'))
    store = openStore(dir, T0).store
    cloud = await openFakeCloud()
    wanted = []
    counters = createCounters(
      () => {},
      () => performance.now(),
    )
  })
  afterEach(async () => {
    await sync?.close()
    await cloud.close()
    store.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('enrols once with a key that only its owner can read, and signs everything', async () => {
    write(3)
    const first = open()
    await until(() => cloud.marks.readings === 3)
    expect(statSync(join(dir, 'identity.json')).mode & 0o777).toBe(0o600)
    await first.close()
    write(1, 3)
    open(undefined)
    await until(() => cloud.marks.readings === 4)
    expect(cloud.signatures.bad).toEqual([])
    expect(cloud.signatures.good).toBeGreaterThan(1)
  })

  it('says what to do when the code is wrong, and sends nothing', async () => {
    write(1)
    open('CODE-WRONG')
    await until(() => counters.values()['sync.enrolment-failed'])
    expect(cloud.readings).toEqual([])
    expect(sync?.status()).toMatchObject({ state: 'failing', why: 'code-wrong: it is code-wrong' })
  })

  it('sends a backlog in batches, alarms beside it, and remembers what was acknowledged', async () => {
    write(12_000)
    store.commit({ readings: [], events: [event] })
    open()
    await until(() => cloud.marks.readings === 12_000 && cloud.marks.alarms === 1)
    expect(cloud.batches).toBe(7)
    expect(cloud.readings).toHaveLength(12_000)
    expect(new Set(cloud.readings.map(({ t }) => t)).size).toBe(12_000)
    await until(() => store.note('watermark.readings') === '12000')
  })

  const troubles: [string, Trouble][] = [
    [
      'HTML',
      (_, response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in here</html>'),
    ],
    ['500', (_, response) => response.writeHead(500).end('oops')],
    ['429', (_, response) => response.writeHead(429, { 'retry-after': '0' }).end('{"code":"too-many"}')],
    ['a cut line', (request) => request.socket.destroy()],
    ['a redirect', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()],
    ['an endless body', (_, response) => void response.writeHead(200).end(Buffer.alloc(3_000_000, 'x'))],
    ['an answer of another kind', (_, response) => void response.writeHead(200).end('{"watermark":"all"}')],
  ]
  it.each(troubles)('tries again after %s, and each reading arrives once', async (_, trouble) => {
    cloud.troubles.push(trouble)
    write(10)
    open()
    await until(() => cloud.marks.readings === 10)
    expect(cloud.readings).toHaveLength(10)
    expect(counters.values()['sync.retries']).toBeGreaterThan(0)
  })

  it('counts nothing twice when an acknowledgement is lost', async () => {
    write(10)
    open()
    await until(() => cloud.marks.readings === 10)
    await sync?.close()
    store.setNote('watermark.readings', '4')
    open()
    write(1, 10)
    await until(() => cloud.marks.readings === 11)
    expect(cloud.readings).toHaveLength(11)
  })

  it('goes back to the number that the cloud expects', async () => {
    write(10)
    store.setNote('watermark.readings', '6')
    open()
    await until(() => cloud.marks.readings === 10)
    expect(counters.values()['sync.gap']).toBe(1)
    expect(cloud.readings).toHaveLength(10)
  })

  it.each([[[1]], [[500]], [[3000]], [[1, 2, 3]], [[999, 1000, 2999, 3000]]])(
    'sets readings %j, which the cloud refuses, aside and sends the rest',
    async (bad) => {
      const numbers: number[] = bad
      store.commit({
        readings: Array.from({ length: 3000 }, (_, index) =>
          reading(index, numbers.includes(index + 1) ? 80 : 20),
        ),
        events: [],
      })
      cloud.refuses = ({ value }) => value === 80
      open()
      await until(() => cloud.marks.readings === 3000)
      expect(new Set(cloud.readings.map(({ t }) => t)).size).toBe(3000 - bad.length)
      expect(store.setAsideNumbers('readings')).toEqual(bad)
    },
  )

  it('waits instead of setting everything aside when the cloud refuses one after the other', async () => {
    write(200)
    cloud.refuses = () => true
    open()
    await until(() => sync?.status().why?.includes('one record after the other'))
    expect(store.setAsideNumbers('readings')).toHaveLength(20)
    cloud.refuses = () => false
    await until(() => cloud.marks.readings === 200)
  })

  it('enrols again at a cloud that was set up anew, and sends everything from the start', async () => {
    write(10)
    open()
    await until(() => cloud.marks.readings === 10)
    await sync?.close()
    await cloud.close()
    cloud = await openFakeCloud()
    open()
    await until(() => cloud.marks.readings === 10)
    expect(counters.values()['sync.refused']).toBeGreaterThan(0)
  })

  it('does not hammer a cloud that asks for no pause, and keeps to one that it asks for', async () => {
    const busy: Trouble = (_, response) =>
      void response.writeHead(429, { 'retry-after': '0' }).end('{"code":"too-many"}')
    const notYet: Trouble = (_, response) => {
      cloud.marks.readings = 1
      response.writeHead(200).end('{"watermark":1,"notBeforeMs":1500}')
    }
    cloud.troubles.push(busy, busy, notYet)
    write(2)
    const start = performance.now()
    open()
    await until(() => cloud.marks.readings === 2)
    // Back-off of 0.5 and 1 s, then the 1.5 s asked for.
    expect(performance.now() - start).toBeGreaterThan(2_900)
  })

  it('corrects its clock for the signature when the cloud finds it wrong', async () => {
    cloud.aheadMs = 3_600_000
    write(1)
    open()
    await until(() => cloud.marks.readings === 1)
    expect(cloud.signatures.bad).toContain('signature-expired')
    expect(counters.values()['sync.clock-corrected']).toBeGreaterThan(0)
  })

  it('asks what is wanted, keeps it for a start without a line, and sends pictures and how it fares', async () => {
    cloud.wants = { ...cloud.wants, pictures: ['h1'], acknowledged: ['a'] }
    open()
    await until(() => cloud.frames.length > 0 && cloud.lives.length > 0)
    expect(cloud.frames[0]).toBe('/api/edge/v1/houses/h1/devices/cam-1/frame')
    expect(cloud.lives[0]).toMatchObject({ backlog: 0, devices: {} })
    expect(wanted.at(-1)?.acknowledged).toEqual(['a'])
    await sync?.close()
    wanted = []
    await cloud.close()
    open()
    expect(wanted.at(-1)?.acknowledged).toEqual(['a'])
  })

  it('sends within a second while somebody watches', async () => {
    open()
    await until(() => wanted.length > 0)
    await pause(600)
    const start = performance.now()
    write(1)
    await until(() => cloud.marks.readings === 1)
    expect(performance.now() - start).toBeLessThan(1_000)
  })

  it('ends at once, also in the middle of a request', async () => {
    cloud.troubles.push(() => {})
    write(1)
    const running = open()
    await until(() => cloud.batches === 1)
    const start = performance.now()
    await running.close()
    expect(performance.now() - start).toBeLessThan(500)
  })
})
