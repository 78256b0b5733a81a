import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import { type ErrorCode, errors, isRetryable } from '#domain/errors.ts'
import type { Reading } from '#domain/reading.ts'
import type { Wants } from '#domain/sync.ts'
import { createCounters } from '../counters.ts'
import type { EdgeStore } from '../store/edge-store.ts'
import { openStore } from '../store/open-store.ts'
import { type FakeCloud, openFakeCloud, type Trouble } from '../test/fake-cloud.ts'
import { pause, until } from '../test/wire-client.ts'
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

describe('sync', () => {
  let dir: string
  let store: EdgeStore
  let cloud: FakeCloud
  let sync: Sync | undefined
  let wanted: Wants[]
  let counters: ReturnType<typeof createCounters>
  /** The newest values that the edge has. */
  let newest: () => Reading[]
  /** What scales show now. */
  let loads: (house: string) => Reading[]
  const open = (enrolCode: string | undefined = 'CODE-1234', pictureT = () => T0) => {
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
      live: () => ({ readings: newest(), devices: {} }),
      loads: (houses) => houses.flatMap((house) => loads(house)),
      frames: (houses) =>
        houses.map((house) => ({ house, device: 'cam-1', t: pictureT(), bytes: Uint8Array.of(1, 2, 3) })),
    })
    return sync
  }
  const write = (count: number, from = 0) =>
    store.commit({ readings: Array.from({ length: count }, (_, index) => reading(from + index)), events: [] })

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'flockwise-sync-'))
    store = openStore(dir, { now: T0 }).store
    cloud = await openFakeCloud()
    wanted = []
    newest = () => [reading(1)]
    loads = () => []
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
    expect(cloud.readings()).toEqual([])
    expect(sync?.status()).toMatchObject({ state: 'failing', why: 'code-wrong: it is code-wrong' })
  })

  it('sends a backlog in batches, alarms beside it, and remembers what was acknowledged', async () => {
    for (let from = 0; from < 12_000; from += 500) write(500, from)
    store.commit({ readings: [], events: [event] })
    open()
    await until(() => cloud.marks.readings === 12_000 && cloud.marks.alarms === 1)
    // 5,000 to begin with, then as many as the line carries in five seconds.
    expect(cloud.batches).toBe(3)
    expect(cloud.readings()).toHaveLength(12_000)
    expect(new Set(cloud.readings().map(({ t }) => t)).size).toBe(12_000)
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
    // Twice: a connection that was cut while it was idle is tried anew without a word.
    cloud.troubles.push(trouble, trouble)
    write(10)
    open()
    await until(() => cloud.marks.readings === 10)
    expect(cloud.readings()).toHaveLength(10)
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
    expect(cloud.readings()).toHaveLength(11)
  })

  it('goes back to the number that the cloud expects', async () => {
    write(10)
    open()
    await until(() => cloud.marks.readings === 10)
    cloud.marks.readings = 6
    write(1, 10)
    await until(() => cloud.marks.readings === 11)
    expect(counters.values()['sync.gap']).toBe(1)
    expect(cloud.readings()).toHaveLength(11)
  })

  it('names series once, by a dictionary that a cloud without it is sent again', async () => {
    write(10)
    open()
    await until(() => cloud.marks.readings === 10)
    write(10, 10)
    await until(() => cloud.marks.readings === 20)
    expect(new Set(cloud.headers.map(({ dictionary }) => dictionary)).size).toBe(1)
    cloud.dictionaries.clear()
    write(10, 20)
    await until(() => cloud.marks.readings === 30)
    expect(cloud.readings()).toHaveLength(30)
    expect(cloud.dictionaries.size).toBe(1)
    expect(counters.values()['sync.retries']).toBeUndefined()
  })

  it('lets new series bring their names along until a new dictionary is due', async () => {
    write(10)
    open()
    await until(() => cloud.marks.readings === 10)
    const other = { ...reading(0), series: { ...reading(0).series, device: 'air-2' } }
    store.commit({ readings: [other], events: [] })
    await until(() => cloud.marks.readings === 11)
    expect(cloud.headers.map(({ dictionary }) => dictionary !== undefined)).toEqual([true, false])
    expect(cloud.readings().at(-1)?.device).toBe('air-2')
  })

  it.each([[[1]], [[500]], [[3000]], [[1, 2, 3]], [[999, 1000, 2999, 3000]]])(
    'tells which of its readings the cloud refuses, %j, and goes on',
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
      expect(new Set(cloud.readings().map(({ t }) => t)).size).toBe(3000 - bad.length)
      await until(() => counters.values()['sync.records-refused'] === bad.length)
      expect(store.piecesAside()).toEqual([])
    },
  )

  it.each([
    ['fresh', false],
    ['sealed', true],
  ])('packs a %s piece anew when the cloud cannot read it', async (_, isSealed) => {
    write(100)
    while (isSealed && (await store.tidy({ sealAll: true })) === 'more');
    let refusals = 1
    cloud.cannotRead = () => refusals-- > 0
    open()
    await until(() => cloud.marks.readings === 100)
    expect(cloud.readings()).toHaveLength(100)
    expect(store.piecesAside()).toEqual([])
  })

  it.each([
    ['fresh', false],
    ['sealed', true],
  ])('sets a %s piece that the cloud cannot read aside, and nothing waits behind it', async (_, isSealed) => {
    write(100)
    while (isSealed && (await store.tidy({ sealAll: true })) === 'more');
    cloud.cannotRead = ({ from, aside }) => from === 1 && aside === 0
    open()
    await until(() => cloud.marks.readings === 100)
    write(50, 100)
    await until(() => cloud.marks.readings === 150)
    expect(cloud.readings()).toHaveLength(50)
    expect(cloud.headers.find(({ aside }) => aside > 0)).toMatchObject({ from: 1, to: 100, aside: 100 })
    expect(store.piecesAside()).toEqual([{ from: 1, to: 100, why: expect.stringMatching(/batch-wrong/) }])
    expect(counters.values()['sync.set-aside']).toBe(1)
  })

  it('waits instead of setting everything aside when the cloud can read nothing', async () => {
    let from = 0
    cloud.cannotRead = ({ aside }) => aside === 0
    open()
    for (let pieces = 1; pieces <= 3; pieces++) {
      write(10, from)
      from += 10
      await until(() => cloud.marks.readings === from)
    }
    write(10, from)
    await until(() => sync?.status().why?.includes('cannot read lane readings'))
    expect(store.piecesAside()).toHaveLength(3)
    expect(cloud.marks.readings).toBe(30)
    cloud.cannotRead = () => false
    await until(() => cloud.marks.readings === 40)
    expect(cloud.readings()).toHaveLength(10)
  })

  it('sends what was moved in time, and what it stands for is withdrawn', async () => {
    const clock = { boot: 'b'.repeat(16), offsetMs: 5 }
    const readings = Array.from({ length: 20 }, (_, index) => reading(index * 60_000, index))
    store.commit({ readings, events: [], clock })
    open()
    await until(() => cloud.marks.readings === 20)
    store.moveReadings({ ...clock, byMs: 600_000 })
    while ((await store.tidy({ sealAll: false })) === 'more');
    await until(() => cloud.marks.readings === 40)
    const found = cloud.readings().map(({ t, value }) => [t, value])
    expect(found.sort(([a = 0], [b = 0]) => a - b)).toEqual(
      readings.map(({ t, value }) => [t + 600_000, value]),
    )
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

  describe('of a database that was put back', () => {
    const times = () => new Set(cloud.readings().map(({ t }) => t - T0))
    const reopen = () => {
      store.close()
      store = openStore(dir, { now: T0 }).store
    }
    /** 10 readings in the copy that comes back; 20 in the cloud. */
    const putBack = async () => {
      write(10)
      open()
      await until(() => cloud.marks.readings === 10)
      await sync?.close()
      store.close()
      copyFileSync(join(dir, 'edge.db'), join(dir, 'copy.db'))
      store = openStore(dir, { now: T0 }).store
      write(10, 10)
      open()
      await until(() => cloud.marks.readings === 20)
      await sync?.close()
      store.close()
      for (const end of ['-wal', '-shm']) rmSync(join(dir, `edge.db${end}`), { force: true })
      copyFileSync(join(dir, 'copy.db'), join(dir, 'edge.db'))
      store = openStore(dir, { now: T0 }).store
    }

    it.each([
      ['before it has as many readings again', 3, false],
      ['after it has more readings than the cloud knew', 30, false],
      ['after another restart in between', 30, true],
    ])('sends everything again under a new epoch, %s', async (_, count, restarts) => {
      await putBack()
      write(count, 100)
      if (restarts) {
        reopen()
        write(1, 200)
      }
      open()
      await until(() => cloud.epochs.readings.length === 2 && cloud.marks.readings >= 10 + count)
      const all = times()
      for (let n = 0; n < count; n++) expect(all).toContain(100 + n)
      expect(counters.values()['store.put-back']).toBe(1)
      expect(sync?.status().state).toBe('connected')
    })

    it('loses no reading when all of the database is gone but its name', async () => {
      reopen()
      store.close()
      copyFileSync(join(dir, 'edge.db'), join(dir, 'copy.db'))
      store = openStore(dir, { now: T0 }).store
      write(10)
      open()
      await until(() => cloud.marks.readings === 10)
      await sync?.close()
      store.close()
      for (const end of ['-wal', '-shm']) rmSync(join(dir, `edge.db${end}`), { force: true })
      copyFileSync(join(dir, 'copy.db'), join(dir, 'edge.db'))
      store = openStore(dir, { now: T0 }).store
      write(12, 100)
      open()
      await until(() => cloud.epochs.readings.length === 2 && cloud.marks.readings === 12)
      expect(times().size).toBe(22)
    })

    it('is not suspected after an ordinary restart, nor when the last acknowledgement was lost', async () => {
      write(10)
      store.commit({ readings: [], events: [event] })
      open()
      await until(() => cloud.marks.readings === 10 && cloud.marks.alarms === 1)
      await sync?.close()
      for (const lost of [false, true]) {
        if (lost) for (const lane of ['readings', 'alarms']) store.setNote(`watermark.${lane}`, '0')
        reopen()
        write(5, lost ? 15 : 10)
        open()
        await until(() => cloud.marks.readings === (lost ? 20 : 15))
        await sync?.close()
      }
      expect(cloud.epochs).toMatchObject({ readings: [expect.any(String)], alarms: [expect.any(String)] })
      expect(cloud.readings()).toHaveLength(20)
      expect(counters.values()['store.put-back']).toBeUndefined()
    })
  })

  const waiting = Object.entries(errors).filter(
    ([code]) => isRetryable(code as ErrorCode) && code !== 'batch-gap',
  )
  it.each(waiting)('waits and sets nothing aside when the cloud says %s', async (code, { status }) => {
    cloud.troubles.push((_, response) => response.writeHead(status).end(JSON.stringify({ code })))
    write(1)
    open()
    await until(() => cloud.marks.readings === 1)
    expect(store.piecesAside()).toEqual([])
    expect(cloud.readings()).toHaveLength(1)
  })

  it('goes on while the store takes no notes, and counts it', async () => {
    write(5_000)
    const real = store
    store = {
      ...real,
      setNote() {
        throw new Error('database or disk is full')
      },
    }
    open()
    await until(() => cloud.marks.readings === 5_000 && wanted.length > 0)
    expect(cloud.readings()).toHaveLength(5_000)
    expect(counters.values()['store.commit-failed']).toBeGreaterThan(0)
    expect(sync?.status().state).toBe('connected')
  })

  it('tries again when the store cannot be read', async () => {
    write(3)
    const real = store
    let isDown = true
    store = {
      ...real,
      readingsAfter(...args) {
        if (isDown) throw new Error('disk I/O error')
        return real.readingsAfter(...args)
      },
    }
    open()
    await until(() => counters.values()['store.commit-failed'])
    isDown = false
    await until(() => cloud.marks.readings === 3)
  })

  it('enrols only once its key is kept', async () => {
    // The folder stands where the file would be written first.
    mkdirSync(join(dir, 'identity.json.new'))
    open()
    await until(() => counters.values()['store.commit-failed'])
    expect(cloud.signatures.good + cloud.signatures.bad.length).toBe(0)
    rmSync(join(dir, 'identity.json.new'), { recursive: true })
    await until(() => sync?.status().edge === 'edge-1')
  })

  it('sends a picture whose clock was set back', async () => {
    let t = T0 + 3_600_000
    cloud.wants = { ...cloud.wants, pictures: ['h1'] }
    open('CODE-1234', () => t)
    await until(() => cloud.frames.length === 1)
    t = T0
    await until(() => cloud.frames.length === 2)
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

  it('shows live values within 2 s while a backlog drains, and each only once', async () => {
    for (let from = 0; from < 60_000; from += 1000) write(1000, from)
    cloud.delayMs = 1200
    const still = { ...reading(7), series: { ...reading(7).series, device: 'still' } }
    newest = () => [{ ...reading(0), t: Date.now() }, still]
    open()
    await until(() => cloud.marks.readings > 40_000)
    const lives = cloud.lives.filter(({ readings }) => readings.length > 0)
    expect(lives.length).toBeGreaterThan(2)
    lives.forEach(({ at, readings: [first, ...more] }, index) => {
      expect(at - (first?.t ?? 0)).toBeLessThan(2_000)
      expect(at - (lives[index - 1]?.at ?? at)).toBeLessThan(2_000)
      // What has not changed was shown before.
      expect(more).toHaveLength(index === 0 ? 1 : 0)
    })
    cloud.delayMs = 0
    await until(() => cloud.marks.readings === 60_000)
    // Whoever watches is told that it is over.
    await until(() => cloud.lives.at(-1)?.backlog === 0)
  })

  it('shows what the scales of a house say while somebody looks at it, also without a backlog', async () => {
    const scale = { ...reading(0).series, device: 'scale-1', metric: 'scale.load' as const }
    loads = (house) => [{ ...reading(0), series: { ...scale, house }, t: Date.now() }]
    open()
    await until(() => cloud.lives.length === 1)
    await pause(1_500)
    expect(cloud.lives.flatMap(({ readings }) => readings)).toEqual([])
    cloud.wants = { ...cloud.wants, version: 2, pictures: ['h1'] }
    const shown = () => cloud.lives.filter(({ readings }) => readings.length > 0)
    await until(() => shown().length === 2)
    for (const { at, readings } of shown()) {
      expect(readings).toMatchObject([{ series: { house: 'h1', device: 'scale-1' } }])
      expect(at - (readings[0]?.t ?? 0)).toBeLessThan(1_000)
    }
  })

  it('says nothing but what is due while nobody watches', async () => {
    cloud.wants = { ...cloud.wants, watched: false }
    write(10)
    open()
    await until(() => cloud.marks.readings === 10 && cloud.lives.length === 1)
    write(10, 10)
    await pause(2_500)
    expect([cloud.marks.readings, cloud.lives.length]).toEqual([10, 1])
  })

  it('tells a cloud that was put back its ledger anew', async () => {
    write(10)
    open()
    await until(() => cloud.marks.readings === 10)
    await sync?.close()
    store.setNote('ledger', '[[20605,10]]')
    // Its backup is of before the last five.
    cloud.marks.readings = 5
    write(1, 10)
    open()
    await until(() => cloud.marks.readings === 11)
    expect(store.note('ledger')).toBe('[]')
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
