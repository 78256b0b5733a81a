import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import { DAY, HOUR, MINUTE } from '#domain/time.ts'
import { createEdge, type Edge } from '../edge.ts'
import { type FakeCloud, openFakeCloud } from '../test/fake-cloud.ts'
import { BRIDGE, nodeConfig } from '../test/node-config.ts'
import { connectTo, until } from '../test/wire-client.ts'

const YEAR = 365 * DAY
const BOOT = '00000000000000b0'

/** The whole edge between a real MQTT client and a cloud at the wire; only the wall clock is ours. */
let dir: string
let wallAheadMs: number
let edge: Edge | undefined
let bridge: MqttClient | undefined
let cloud: FakeCloud | undefined
let sent: { value: number; trueT: number }[]
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flockwise-clock-'))
  sent = []
})
afterEach(async () => {
  bridge?.end(true)
  await edge?.close()
  await cloud?.close()
  rmSync(dir, { recursive: true, force: true })
})

const wall = () => Date.now() + wallAheadMs
const mono = () => Math.round(performance.now())
/** Started again with another clock: a machine that was switched off for an hour meanwhile. */
const start = async (aheadMs: number, { boot = BOOT, url = cloud?.url } = {}) => {
  wallAheadMs = aheadMs
  edge = await createEdge({
    config: nodeConfig(dir, url),
    clock: { boot, now: wall, monotonic: () => performance.now() },
    random: () => 0.5,
    log: () => {},
    enrolCode: 'CODE-1234',
    onStale: () => {},
  })
  bridge = await connectTo(edge.mqttPort, BRIDGE)
}
const stop = async () => {
  bridge?.end(true)
  await edge?.close()
  edge = undefined
}
/** Says one value after the other, as a bridge on the same machine does. */
const measure = async (count: number) => {
  for (let n = 0; n < count; n++) {
    const value = 40 + sent.length / 10
    sent.push({ value, trueT: Date.now() })
    const sample = { t: wall(), boot: BOOT, mono: mono(), values: { 'air.humidity': value } }
    await bridge?.publishAsync('flockwise/v1/h1/air-1/readings', JSON.stringify(sample), { qos: 1 })
  }
}
/** Says what a sender on another machine, whose clock shows the same as ours, measured so long ago. */
const hearOther = async (count: number, agoMs: number) => {
  for (let n = 0; n < count; n++) {
    const value = 40 + sent.length / 10
    sent.push({ value, trueT: Date.now() - agoMs })
    const sample = { t: wall() - agoMs, values: { 'air.humidity': value } }
    await bridge?.publishAsync('flockwise/v1/h1/air-1/readings', JSON.stringify(sample), { qos: 1 })
  }
}
const health = async () =>
  (await (await fetch(`http://127.0.0.1:${edge?.httpPort}/health`)).json()) as {
    counters: Record<string, number>
    clock: { knownBy: string; corrections: { byMs: number }[] }
    openAlarms: { alarm: string; since: number }[]
  }
/** Every value is in the cloud once, within two seconds of when it was measured. */
const allAreRight = async () => {
  const right = await until(() => {
    const stored = cloud?.readings().filter(({ device }) => device === 'air-1') ?? []
    const isRight = sent.every(({ value, trueT }) => {
      const found = stored.filter((reading) => reading.value === value)
      return found.length === 1 && Math.abs((found[0]?.t ?? 0) - trueT) < 2_000
    })
    return isRight && stored.length === sent.length && stored
  }, 15_000)
  expect(right).toHaveLength(sent.length)
}

it.each([
  ['a year ahead', YEAR],
  ['in 1970', -Date.now()],
  ['an hour behind', -HOUR],
])(
  'what was measured while the clock was %s is in the cloud at its true time, once',
  async (_, aheadMs) => {
    await start(aheadMs, { url: 'http://127.0.0.1:9' })
    await measure(30)
    await stop()
    cloud = await openFakeCloud()
    await start(aheadMs)
    await measure(30)
    await allAreRight()
    await measure(10)
    await allAreRight()
    const { clock } = await health()
    expect(clock.knownBy).toBe('cloud')
    expect(clock.corrections.length).toBeGreaterThan(0)
  },
  40_000,
)

it('what another machine measured that is a year ahead too is in the cloud at its true time, once', async () => {
  await start(YEAR, { url: 'http://127.0.0.1:9' })
  await hearOther(10, 10 * MINUTE)
  await hearOther(10, 0)
  await hearOther(10, 20 * MINUTE)
  cloud = await openFakeCloud()
  await stop()
  await start(YEAR)
  await allAreRight()
}, 40_000)

it('a clock that jumps a year ahead while all is well does no damage', async () => {
  cloud = await openFakeCloud()
  await start(0)
  await measure(10)
  await until(async () => (await health()).clock.knownBy === 'cloud')
  for (const aheadMs of [YEAR, 0, -YEAR, YEAR]) {
    wallAheadMs = aheadMs
    await measure(10)
    await until(async () => ((await health()).counters['clock.jumped'] ?? 0) > 0)
  }
  await allAreRight()
  const { clock, openAlarms } = await health()
  expect([clock.corrections, openAlarms]).toEqual([[], []])
}, 40_000)

it('a correction raises and clears no alarm; one that was open has begun at its true time', async () => {
  await start(-5 * YEAR, { url: 'http://127.0.0.1:9' })
  const say = (value: number) =>
    bridge?.publishAsync(
      'flockwise/v1/h1/relay-1/readings',
      JSON.stringify({ t: wall(), boot: BOOT, mono: mono(), values: { 'fan.running': value } }),
      { qos: 1 },
    )
  const stoppedAt = Date.now()
  await say(0)
  const [alarm] = await until(async () => {
    const { openAlarms } = await health()
    return openAlarms.length > 0 && openAlarms
  }, 15_000)
  await stop()
  cloud = await openFakeCloud()
  await start(-5 * YEAR)
  await until(async () => (await health()).clock.knownBy === 'cloud')
  const { openAlarms } = await health()
  expect(openAlarms.map((one) => one.alarm)).toEqual([alarm?.alarm])
  expect(Math.abs((openAlarms[0]?.since ?? 0) - stoppedAt)).toBeLessThan(3_000)
  const raised = await until(() => cloud?.alarms[0])
  expect(Math.abs((raised as AlarmEvent).since - stoppedAt)).toBeLessThan(3_000)
  await say(1)
  await until(() => cloud?.alarms.length === 2)
  expect(cloud.alarms.map(({ alarm: name, action }) => [name, action])).toEqual([
    [alarm?.alarm, 'raised'],
    [alarm?.alarm, 'cleared'],
  ])
}, 40_000)
