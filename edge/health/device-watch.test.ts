import { expect, it } from 'vitest'
import type { MetricId } from '#domain/metrics.ts'
import type { Reading } from '#domain/reading.ts'
import { defaultRules } from '#domain/rules/default-rules.ts'
import { HOUR, MINUTE, SECOND } from '#domain/time.ts'
import type { DeviceHealth } from '#domain/topics.ts'
import { createSeriesTable } from '../series-table.ts'
import { nodeConfig } from '../test/node-config.ts'
import { createDeviceWatch } from './device-watch.ts'

const T0 = Date.UTC(2026, 5, 1)

/** The devices of `nodeConfig`, of which the test says when each spoke. The clock goes in steps of a second. */
function bench(known: [device: string, metric: MetricId, value: number][] = []) {
  const table = createSeriesTable()
  const config = nodeConfig('/')
  const health: Record<string, DeviceHealth> = {}
  const present = new Set<string>()
  let now = T0
  let isBridgeThere = true
  const of = (device: string, metric: MetricId, value: number): Reading => ({
    series: metric.startsWith('device.s')
      ? (table.named('h1', device, metric, 'model', 'health@1') ?? expect.unreachable())
      : table.sensor(device.endsWith('2') ? 'h2' : 'h1', device, metric),
    t: now,
    value,
    quality: 'good',
  })
  const watch = createDeviceWatch({
    config,
    rules: defaultRules(),
    table,
    known: known.map(([device, metric, value]) => of(device, metric, value)),
    startedAt: T0,
    isPresent: (device) => present.has(device),
  })
  const told: string[] = []
  return {
    told,
    present,
    bridgeLeaves: () => {
      isBridgeThere = false
    },
    hear(device: string, link: DeviceHealth['link'] = 'open') {
      const own = health[device] ?? { t: 0, link, lastFrameAt: 0, frames: 0, discarded: {}, reopened: 0 }
      health[device] = { ...own, t: now, link, lastFrameAt: now, frames: own.frames + 1 }
    },
    leave(device: string) {
      const own = health[device]
      if (own) health[device] = { ...own, link: 'closed' }
    },
    read: (device: string, metric: MetricId, value: number) => watch.take(of(device, metric, value)),
    /** Lets time pass; the bridge reports on. */
    pass(ms: number, stepMs = SECOND) {
      for (const end = now + ms; now < end; now += stepMs) {
        for (const { id } of isBridgeThere ? config.links.flatMap((link) => link.devices) : []) {
          const own = health[id]
          if (own) health[id] = { ...own, t: now }
        }
        for (const { series, value } of watch.tick(now, health))
          told.push(`${series.device} ${series.metric} ${value}`)
      }
    },
    /** The clock was behind by so much all the while. */
    correct(byMs: number) {
      for (const own of Object.values(health)) {
        own.t += byMs
        own.lastFrameAt += byMs
      }
      watch.step({ byMs, wrong: { fromT: T0, toT: now } })
      now += byMs
    },
    describe: (device: string) => watch.describe(health)[device],
  }
}

it('says once that a device behind the bridge fell silent, and once that it is back', () => {
  const house = bench()
  house.hear('scale-1')
  house.pass(5 * MINUTE)
  expect(house.told).toEqual([])
  house.pass(10 * MINUTE)
  expect(house.told).toEqual(['scale-1 device.silent 1'])
  house.hear('scale-1')
  house.pass(MINUTE)
  expect(house.told).toEqual(['scale-1 device.silent 1', 'scale-1 device.silent 0'])
})

it('leaves a device to the rule that watches its metric for silence', () => {
  const house = bench()
  house.hear('air-1')
  house.read('air-1', 'air.temperature', 24)
  house.pass(HOUR)
  expect(house.told).toEqual([])
})

it('never waits for a device that has not spoken yet, and does for one of an earlier life', () => {
  const house = bench([['scale-1', 'scale.load', 1200]])
  house.hear('air-1')
  house.read('air-1', 'air.temperature', 24)
  house.pass(HOUR)
  expect(house.told).toEqual(['scale-1 device.silent 1'])
})

it('clears what it found in an earlier life', () => {
  const house = bench([['scale-1', 'device.silent', 1]])
  house.hear('scale-1')
  house.pass(MINUTE)
  expect(house.told).toEqual(['scale-1 device.silent 0'])
})

it('learns how often a radio sensor speaks', () => {
  const house = bench()
  for (let count = 0; count < 5; count++) {
    house.hear('probe-1')
    house.pass(20 * MINUTE)
  }
  house.pass(39 * MINUTE)
  expect(house.told).toEqual([])
  house.pass(2 * MINUTE)
  expect(house.told).toEqual(['probe-1 device.silent 1'])
})

it('takes a device that announced its going at its word, and one that is there for one', () => {
  const house = bench()
  house.hear('probe-1')
  house.leave('probe-1')
  house.pass(6 * MINUTE)
  expect(house.told).toEqual(['probe-1 device.silent 1'])
  house.present.add('probe-1')
  house.pass(24 * HOUR, MINUTE)
  expect(house.told).toEqual(['probe-1 device.silent 1', 'probe-1 device.silent 0'])
})

it('makes of a bridge that is away one silence in each house, and none where another rule tells of it', () => {
  const house = bench()
  for (const id of ['air-1', 'relay-1', 'scale-1', 'cam-1', 'air-2']) house.hear(id)
  house.read('air-2', 'air.temperature', 24)
  house.bridgeLeaves()
  house.pass(HOUR)
  expect(house.told).toEqual(['air-1 device.silent 1'])
})

it('finds the value that hangs, names it, and takes it back with the first other value', () => {
  const house = bench()
  for (let minute = 0; minute <= 6 * 60; minute++) {
    house.read('air-1', 'air.temperature', 24.1)
    house.read('air-1', 'air.humidity', 60 + (minute % 2))
    house.hear('air-1')
    house.pass(MINUTE, MINUTE)
  }
  expect(house.told).toEqual(['air-1 device.stuck 1'])
  expect(house.describe('air-1')?.stuck).toEqual(['air.temperature'])
  house.read('air-1', 'air.temperature', 24.2)
  house.pass(SECOND)
  expect(house.told.at(-1)).toBe('air-1 device.stuck 0')
  expect(house.describe('air-1')).not.toHaveProperty('stuck')
})

it('counts frames a minute over the last minute', () => {
  const house = bench()
  for (let second = 0; second < 180; second++) {
    house.hear('scale-1')
    if (second > 60) house.hear('scale-1')
    house.pass(SECOND)
  }
  expect(house.describe('scale-1')?.perMinute).toBe(120)
})

it.each([7 * HOUR, -7 * HOUR])(
  'takes a clock that is corrected by %d ms for no silence and no hanging value',
  (byMs) => {
    const house = bench()
    for (let minute = 0; minute < 20; minute++) {
      house.hear('air-1')
      house.read('air-1', 'air.temperature', 24.1)
      house.hear('scale-1')
      if (minute === 15) house.correct(byMs)
      house.pass(MINUTE)
    }
    expect(house.told).toEqual([])
    house.pass(6 * MINUTE)
    expect(house.told).toEqual(['scale-1 device.silent 1'])
  },
)

it('knows the last charge of a battery', () => {
  const house = bench()
  house.hear('probe-1')
  house.read('probe-1', 'device.battery', 14)
  expect(house.describe('probe-1')?.battery).toBe(14)
})
