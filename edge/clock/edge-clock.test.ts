import { describe, expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { Reading, Series } from '#domain/reading.ts'
import { DAY, HOUR, MINUTE, SECOND } from '#domain/time.ts'
import { openDatabase } from '#sqlite-file/database.ts'
import { createCounters } from '../counters.ts'
import type { EdgeStore } from '../store/edge-store.ts'
import { openEdgeStore } from '../store/open-edge-store.ts'
import { edgeMigrations } from '../store/store-layout.ts'
import { EARLIEST_NOW } from './belief.ts'
import { type ClockStep, createEdgeClock } from './edge-clock.ts'

const NOW = Date.UTC(2026, 5, 1)
const YEAR = 365 * DAY
const series: Series = { house: 'h1', device: 'd1', metric: 'air.temperature', source: 'sensor', by: '' }

/** The real time, a box with a wall clock of its own, and what it stores. The value of a reading is when it truly was. */
function world() {
  let trueT = NOW
  let wallAheadMs = 0
  let bootedAt = NOW - 10 * SECOND
  let boot = 1
  let isStoreDown = false
  let movesLeft = Number.POSITIVE_INFINITY
  const real = openEdgeStore(openDatabase(':memory:', edgeMigrations))
  const store: EdgeStore = {
    ...real,
    moveReadings(move) {
      if (isStoreDown || movesLeft-- <= 0) throw new Error('disk full')
      return real.moveReadings(move)
    },
  }
  const counters = createCounters(
    () => {},
    () => 0,
  )
  const lines: string[] = []
  const told = createCounters(
    (line) => lines.push(line),
    () => 0,
  )
  const steps: ClockStep[] = []
  const machine = () => ({
    boot: boot.toString(16).padStart(16, '0'),
    now: () => trueT + wallAheadMs,
    monotonic: () => trueT - bootedAt,
  })
  const start = () => {
    const latest = real.latest('h1')
    return createEdgeClock({
      machine: machine(),
      syncedAt: () => undefined,
      store,
      newestT: latest.length > 0 ? Math.max(...latest.map(({ t }) => t)) : undefined,
      counters: told,
      settle: () => !isStoreDown,
      onStep: (step) => steps.push(step),
    })
  }
  let clock = start()
  const all = (): { t: number; was: number }[] =>
    real
      .readingsBetween(series, 0, Number.MAX_SAFE_INTEGER)
      .map(({ t, value }) => ({ t, was: NOW + Math.round(value * 10) * 10 * SECOND }))
  return {
    store,
    counters,
    steps,
    clock: () => clock,
    lines: () => lines.splice(0),
    setWall: (aheadMs: number) => {
      wallAheadMs = aheadMs
      clock.look()
    },
    run(ms: number) {
      trueT += ms
      clock.look()
    },
    /** A reading every ten seconds. */
    measure(count: number) {
      for (let n = 0; n < count; n++) {
        trueT += 10 * SECOND
        clock.look()
        const value = (trueT - NOW) / (100 * SECOND)
        const reading: Reading = { series, t: clock.now(), value, quality: 'good' }
        store.commit({ readings: [reading], events: [], clock: clock.stamp() })
      }
    },
    /** What another machine, whose clock shows what this one's does, measured so long ago. */
    hearOther(agoMs: number) {
      trueT += 10 * SECOND
      const value = (trueT - agoMs - NOW) / (100 * SECOND)
      const reading: Reading = { series, t: clock.now() - agoMs, value, quality: 'good' }
      const stamp = clock.stampOfOther(reading.t)
      store.commit({ readings: [reading], events: [], ...(stamp && { clock: stamp }) })
    },
    raise(alarm: string): AlarmEvent {
      const t = clock.now()
      const event: AlarmEvent = {
        ...{ alarm, action: 'raised', t, since: t - SECOND, house: 'h1', device: 'd1', rule: 'r' },
        ...{ metric: 'fan.running', severity: 'critical', value: 0, limit: 1, late: false },
      }
      store.commit({ readings: [], events: [event] })
      return event
    },
    cloud: () => clock.onDate(Math.floor(trueT / SECOND) * SECOND, 50),
    cloudSays: (t: number) => clock.onDate(t, 50),
    reboot(outMs: number, wall: number) {
      trueT += outMs
      bootedAt = trueT - 10 * SECOND
      wallAheadMs = wall - trueT
      boot++
      clock = start()
      clock.look()
    },
    restart() {
      clock = start()
      clock.look()
    },
    storeDown(is: boolean) {
      isStoreDown = is
    },
    /** So many corrections are taken, then none. */
    failAfter(moves: number) {
      movesLeft = moves
    },
    trueT: () => trueT,
    all,
    worstMs: () => Math.max(...all().map(({ t, was }) => Math.abs(t - was))),
  }
}

/** Until all that a correction left to do is done. */
async function settle(store: EdgeStore) {
  while ((await store.tidy({ sealAll: false })) === 'more');
}

describe('the edge’s clock', () => {
  it.each([
    ['1970', 0],
    ['2020', Date.UTC(2020, 0, 1)],
    ['a year ahead', NOW + YEAR],
    ['where it was switched off', NOW - 3 * HOUR],
  ])('moves what was measured while the wall clock said %s, once', async (_, wall) => {
    const box = world()
    box.measure(3)
    box.cloud()
    box.reboot(3 * HOUR, wall)
    box.measure(20)
    box.cloud()
    expect(box.worstMs()).toBeLessThan(2 * SECOND)
    box.measure(5)
    box.cloud()
    expect(box.all()).toHaveLength(28)
    expect(box.worstMs()).toBeLessThan(2 * SECOND)
    const [correction] = box.clock().status().corrections
    expect(correction).toMatchObject({ boot: '0000000000000002', inPlace: 20, again: 0 })
    expect(box.lines().join('\n')).toMatch(/20 readings stood .* their time, and were moved/)
  })

  it('moves what was sent already too', async () => {
    const box = world()
    box.reboot(HOUR, Date.UTC(2020, 0, 1))
    box.measure(10)
    box.store.readingsAfter(0, 100)
    box.cloud()
    await settle(box.store)
    expect(box.all()).toHaveLength(10)
    expect(box.worstMs()).toBeLessThan(2 * SECOND)
    expect(box.store.readingsAfter(10, 100)).toMatchObject({ count: 10, movedByMs: box.steps[0]?.byMs })
  })

  it('goes on from the newest reading while the time is not known, and collides with none', () => {
    const box = world()
    box.measure(10)
    box.reboot(HOUR, NOW - YEAR)
    box.measure(10)
    box.reboot(HOUR, 0)
    box.measure(10)
    const times = box.all().map(({ t }) => t)
    expect(new Set(times).size).toBe(30)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  it('knows the time after a restart of the program as before it, whatever the wall clock does', () => {
    const box = world()
    box.cloud()
    box.setWall(YEAR)
    box.restart()
    box.measure(5)
    expect(box.clock().status()).toMatchObject({ knownBy: 'cloud', systemAheadMs: expect.closeTo(YEAR, -4) })
    expect(box.worstMs()).toBeLessThan(2 * SECOND)
  })

  it('corrects what an earlier run of the program stamped in the same boot', () => {
    const box = world()
    box.reboot(HOUR, 0)
    box.measure(5)
    box.restart()
    box.measure(5)
    box.setWall(-YEAR)
    box.measure(5)
    box.cloud()
    expect(box.all()).toHaveLength(15)
    expect(box.worstMs()).toBeLessThan(2 * SECOND)
  })

  it('moves once the store takes it', () => {
    const box = world()
    box.reboot(HOUR, 0)
    box.measure(5)
    box.storeDown(true)
    box.cloud()
    box.run(5 * SECOND)
    expect(box.worstMs()).toBeGreaterThan(DAY)
    box.storeDown(false)
    box.run(5 * SECOND)
    expect(box.worstMs()).toBeLessThan(2 * SECOND)
  })

  it('moves alarms once, however often the store fails in between', () => {
    const box = world()
    box.reboot(HOUR, NOW - 5 * MINUTE)
    box.measure(1)
    box.setWall(-10 * MINUTE)
    const { alarm } = box.raise('during')
    const trueT = box.trueT()
    box.measure(1)
    box.failAfter(1)
    box.cloud()
    for (let n = 0; n < 5; n++) box.run(2 * SECOND)
    box.failAfter(Number.POSITIVE_INFINITY)
    box.run(2 * SECOND)
    expect(box.worstMs()).toBeLessThan(2 * SECOND)
    expect(box.store.openAlarms()[0]).toMatchObject({ alarm, t: expect.closeTo(trueT, -4) })
  })

  it('leaves what was right when it was stamped, however far the quartz has run away since', () => {
    const box = world()
    box.cloud()
    box.measure(5)
    box.run(30 * DAY)
    box.cloudSays(box.trueT() + 90 * SECOND)
    box.measure(1)
    expect(box.clock().now() - box.trueT()).toBeGreaterThan(80 * SECOND)
    expect(box.clock().status().corrections).toEqual([])
    expect(box.all().filter(({ t, was }) => Math.abs(t - was) < 2 * SECOND)).toHaveLength(5)
  })

  it('takes back what a cloud with a wrong clock made it believe', async () => {
    const box = world()
    box.cloudSays(NOW + YEAR)
    box.measure(10)
    box.store.readingsAfter(0, 100)
    for (let minute = 0; minute < 5; minute++) {
      box.run(MINUTE)
      box.cloud()
    }
    await settle(box.store)
    expect(box.all()).toHaveLength(10)
    expect(box.worstMs()).toBeLessThan(2 * SECOND)
  })

  it.each([
    ['far in the future', NOW + 3 * YEAR],
    ['before there can be any time', 0],
  ])('lets readings of an earlier boot that stood %s end where this boot began', (_, wall) => {
    const box = world()
    box.reboot(HOUR, wall)
    box.measure(10)
    const endedAt = box.trueT()
    box.reboot(2 * MINUTE, NOW + 2 * HOUR)
    box.cloud()
    const off = box.all().map(({ t, was }) => t - was)
    expect(Math.max(...off)).toBeLessThan(2 * MINUTE)
    expect(Math.min(...off)).toBeGreaterThan(MINUTE)
    expect(Math.max(...box.all().map(({ t }) => t))).toBeLessThan(endedAt + 2 * MINUTE)
  })

  it('moves alarms that the cloud has not heard of, by their names', () => {
    const box = world()
    box.cloud()
    const before = box.raise('before')
    box.reboot(HOUR, 0)
    box.measure(1)
    const during = box.raise('during')
    const trueT = box.trueT()
    box.cloud()
    const [first, second] = box.store.eventsAfter(0, 10).map(({ event }) => event)
    expect(first).toEqual(before)
    expect(second).toMatchObject({ alarm: 'during', action: 'raised' })
    expect(Math.abs((second?.t ?? 0) - trueT)).toBeLessThan(2 * SECOND)
    expect((second?.t ?? 0) - (second?.since ?? 0)).toBe(during.t - during.since)
    expect(box.store.openAlarms()).toEqual([first, second])
  })

  it('follows a wall clock that flutters only so often', async () => {
    const box = world()
    for (let n = 0; n < 500; n++) {
      box.setWall((n % 2) * HOUR + n * MINUTE)
      box.measure(1)
    }
    box.cloud()
    // Moved among others, they are stored again one by one.
    while ((await box.store.tidy({ sealAll: false })) === 'more');
    expect(box.all()).toHaveLength(500)
    expect(box.worstMs()).toBeLessThan(2 * SECOND)
  })

  it('takes a first guess, and puts it right later', () => {
    const box = world()
    box.reboot(HOUR, 0)
    expect(box.clock().now()).toBeLessThan(EARLIEST_NOW + HOUR)
    box.measure(2)
    box.clock().guess(box.trueT() - 20 * MINUTE)
    expect(box.clock().isKnown()).toBe(false)
    box.measure(2)
    box.cloud()
    expect(box.worstMs()).toBeLessThan(2 * SECOND)
    box.clock().guess(NOW - YEAR)
    expect(Math.abs(box.clock().now() - box.trueT())).toBeLessThan(2 * SECOND)
  })
})

describe('a year ahead together with another machine, by time servers that were wrong', () => {
  it('moves what came before it was measured, and leaves what can be true', async () => {
    const box = world()
    box.setWall(YEAR)
    box.hearOther(0)
    box.hearOther(10 * MINUTE)
    expect(box.clock().stampOfOther(box.clock().now() - 2 * DAY)).toBeUndefined()
    box.cloud()
    while ((await box.store.tidy({ sealAll: true })) === 'more');
    for (const { t, was } of box.all()) expect(Math.abs(t - was)).toBeLessThan(2 * SECOND)
    expect(box.all()).toHaveLength(2)
  })

  it('leaves the times of others where this clock was an hour ahead alone', async () => {
    const box = world()
    box.setWall(HOUR)
    box.hearOther(HOUR)
    const [before] = box.all()
    box.cloud()
    while ((await box.store.tidy({ sealAll: true })) === 'more');
    expect(box.all()).toEqual([before])
  })
})
