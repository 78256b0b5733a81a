import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeThermalFrame } from '#domain/frame.ts'
import { MINUTE } from '#domain/time.ts'
import { createEdge, type Edge } from './edge.ts'
import { BRIDGE, nodeConfig, PROBE } from './test/node-config.ts'
import { connectTo, until } from './test/wire-client.ts'

/** Clocks that run, and can be moved. */
function movableClock() {
  let ahead = 0
  return {
    boot: '00000000000000b0',
    now: () => Date.now() + ahead,
    monotonic: () => performance.now() + ahead,
    move: (ms: number) => {
      ahead += ms
    },
  }
}

describe('edge', () => {
  let dir: string
  let edge: Edge
  let bridge: MqttClient
  let clock: ReturnType<typeof movableClock>
  const start = (config = nodeConfig(dir)) =>
    createEdge({ config, clock, random: () => 0.5, log: () => {}, onStale: () => {} })
  const say = (device: string, message: object, channel = 'readings') =>
    bridge.publishAsync(`flockwise/v1/h1/${device}/${channel}`, JSON.stringify(message), { qos: 1 })
  const health = async () => {
    const response = await fetch(`http://127.0.0.1:${edge.httpPort}/health`)
    return { status: response.status, ...((await response.json()) as HealthBody) }
  }
  const counted = async (name: string) => (await health()).counters[name] ?? 0

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'flockwise-edge-'))
    clock = movableClock()
    edge = await start()
    bridge = await connectTo(edge.mqttPort, BRIDGE)
  })
  afterEach(async () => {
    bridge.end(true)
    await edge.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('acknowledges what it has stored, and knows it after a restart', async () => {
    const t = clock.now()
    await say('air-1', { t, values: { 'air.temperature': 25.1, 'air.humidity': 60 } })
    await say('air-1', { t, values: { 'air.temperature': 25.1 } })
    await say('air-1', [{ t: t + 1, values: { 'air.temperature': 25.2 } }])
    expect((await health()).stored.readings).toBe(3)
    expect(await counted('ingest.duplicate')).toBe(1)
    const { epoch } = await health()
    bridge.end(true)
    await edge.close()
    edge = await start()
    expect(await health()).toMatchObject({ epoch, status: 200, stored: { readings: 3 } })
  })

  it.each([
    ['{', 'not-json'],
    ['[]', 'not-valid'],
    ['{"t":1}', 'not-valid'],
    ['{"t":1780000000000,"values":{"air.temperature":"hot"}}', 'not-valid'],
    ['{"t":1780000000000,"values":{"air.magic":1}}', 'unknown-metric'],
    ['{"t":1780000000000,"values":{"air.temperature":900}}', 'implausible'],
    ['{"t":-1,"values":{"air.temperature":20}}', 'bad-time'],
    ['{"t":1780000000000,"values":{"bird.count":20},"source":"model","by":"No Id"}', 'too-many-series'],
  ])('acknowledges %s all the same, counts it as %s and keeps it as an example', async (payload, reason) => {
    await bridge.publishAsync('flockwise/v1/h1/air-1/readings', payload, { qos: 1 })
    const { counters, rejected, stored } = await health()
    expect(counters[`rejected.${reason}`]).toBe(1)
    expect(rejected[`rejected.${reason}`]?.payload).toBe(payload)
    expect(stored.readings).toBe(0)
  })

  it.each([0, 9_000_000_000_000])(
    'takes a value with the wrong date %d as one of now, and says so',
    async (t) => {
      await say('air-1', { t, values: { 'air.temperature': 20 } })
      const { counters, stored } = await health()
      expect([counters['ingest.restamped'], stored.readings]).toEqual([1, 1])
    },
  )

  it('keeps the good values of a message with a bad one', async () => {
    await say('air-1', { t: clock.now(), values: { 'air.temperature': 900, 'air.humidity': 60 } })
    expect((await health()).stored.readings).toBe(1)
  })

  it('judges what a client says behind messages that the store does not take, and stores them when it does', async () => {
    const lock = new DatabaseSync(join(dir, 'edge.db'))
    lock.exec('BEGIN IMMEDIATE')
    const t = clock.now()
    const waiting = Array.from({ length: 30 }, (_, index) =>
      say('air-1', { t: t + index, values: { 'air.temperature': 25 } }),
    )
    await until(async () => (await health()).status === 503, 15_000)
    await bridge.publishAsync(
      'flockwise/v1/h1/relay-1/readings',
      JSON.stringify({ t: clock.now(), values: { 'fan.running': 0 } }),
      { qos: 0 },
    )
    await until(async () => (await health()).stored.waiting > 30, 15_000)
    clock.move(11_000)
    await until(
      async () => (await health()).openAlarms.some(({ alarm }) => alarm.includes('fan-stopped')),
      15_000,
    )
    lock.exec('ROLLBACK')
    lock.close()
    await Promise.all(waiting)
    await until(async () => (await health()).stored.readings === 31, 15_000)
  }, 60_000)

  it('reads a probe in its own dialect and sees whether it is there', async () => {
    const probe = await connectTo(edge.mqttPort, PROBE)
    await probe.publishAsync('probe-1/sensor/temperature/state', '23.4', { qos: 1 })
    await probe.publishAsync('probe-1/sensor/temperature/state', 'nan', { qos: 1 })
    await probe.publishAsync('probe-1/status', 'offline', { qos: 1 })
    const { devices, stored } = await health()
    expect(stored.readings).toBe(1)
    expect(devices['probe-1']).toMatchObject({ link: 'closed', discarded: { 'rejected.not-a-number': 1 } })
    await probe.endAsync()
  })

  it('sounds the siren 10 s after a fan stopped, and stops it when it runs', async () => {
    const commands: { on: boolean; at: number }[] = []
    bridge.on('message', (_topic, payload) => {
      commands.push({ on: JSON.parse(payload.toString()).on, at: performance.now() })
    })
    await bridge.subscribeAsync('flockwise/v1/h1/relay-1/command', { qos: 1 })
    await say('relay-1', { t: clock.now(), values: { 'fan.running': 0 } })
    clock.move(9_000)
    expect(commands).toEqual([])
    const due = performance.now() + 1_000
    await until(() => commands.length === 1)
    expect(commands[0]?.on).toBe(true)
    // A tick of 250 ms, 50 ms to publish, and what a busy machine adds.
    expect((commands[0]?.at ?? 0) - due).toBeLessThan(1_000)
    await say('relay-1', { t: clock.now(), values: { 'fan.running': 1, 'siren.on': 1 } })
    await until(() => commands.length === 2)
    expect(commands[1]?.on).toBe(false)
    expect((await health()).openAlarms).toEqual([])
  })

  it('carries an open alarm over a restart, its siren too', async () => {
    await say('relay-1', { t: clock.now(), values: { 'fan.running': 0 } })
    clock.move(11_000)
    const before = await until(async () => (await health()).openAlarms[0])
    bridge.end(true)
    await edge.close()
    edge = await start()
    expect((await health()).openAlarms).toEqual([before])
    bridge = await connectTo(edge.mqttPort, BRIDGE)
    const heard: string[] = []
    bridge.on('message', (_topic, payload) => heard.push(payload.toString()))
    await bridge.subscribeAsync('flockwise/v1/h1/relay-1/command', { qos: 1 })
    await until(() => heard.some((payload) => JSON.parse(payload).on))
    await say('relay-1', { t: clock.now(), values: { 'fan.running': 1 } })
    await until(async () => (await health()).openAlarms.length === 0)
    expect((await health()).stored.alarms).toBe(2)
  })

  it('clears at its start the alarms of a device that is no longer configured', async () => {
    await say('relay-1', { t: clock.now(), values: { 'fan.running': 0 } })
    clock.move(11_000)
    await until(async () => (await health()).openAlarms[0])
    bridge.end(true)
    await edge.close()
    const config = nodeConfig(dir)
    const links = config.links.map((link) => ({
      ...link,
      devices: link.devices.filter(({ id }) => id !== 'relay-1'),
    }))
    edge = await start({ ...config, links, outputs: [] })
    expect(await health()).toMatchObject({ openAlarms: [], counters: { 'alarm.cleared': 1 } })
    await until(async () => (await health()).stored.alarms === 2)
    await edge.close()
    edge = await start({ ...config, links, outputs: [] })
    expect((await health()).counters['alarm.cleared']).toBeUndefined()
  })

  it('raises the siren that does not confirm', async () => {
    await say('relay-1', { t: clock.now(), values: { 'fan.running': 0, 'siren.on': 0 } })
    clock.move(11_000)
    await until(async () => (await health()).openAlarms.length === 1)
    clock.move(30_000)
    const both = await until(async () => {
      const { openAlarms } = await health()
      return openAlarms.length === 2 && openAlarms
    })
    expect(both[1]?.alarm).toContain('h1|relay-1|siren-unconfirmed|')
    await say('relay-1', { t: clock.now(), values: { 'siren.on': 1 } })
    await until(async () => (await health()).openAlarms.length === 1)
  })

  it('keeps a late alarm for the history only, as a pair, and wakes nobody', async () => {
    const heard: string[] = []
    bridge.on('message', (topic) => heard.push(topic))
    await bridge.subscribeAsync('flockwise/v1/h1/relay-1/command', { qos: 1 })
    const t = clock.now() - 60 * MINUTE
    const backlog = [0, 5, 10, 15, 20].map((second) => ({
      t: t + second * 1000,
      values: { 'fan.running': second < 20 ? 0 : 1 },
    }))
    await say('relay-1', backlog)
    await until(async () => (await health()).stored.alarms === 2)
    const { openAlarms, counters } = await health()
    expect(openAlarms).toEqual([])
    expect(counters).toMatchObject({ 'alarm.late': 1, 'ingest.late': 5 })
    expect(heard).toEqual([])
    // The same backlog again is the same alarm.
    await say('relay-1', backlog)
    expect((await health()).stored.alarms).toBe(2)
  })

  it('raises a sensor that has fallen silent, also one that spoke before a restart', async () => {
    await say('air-1', { t: clock.now(), values: { 'air.temperature': 25 } })
    bridge.end(true)
    await edge.close()
    edge = await start()
    clock.move(6 * MINUTE)
    const alarm = await until(async () => (await health()).openAlarms[0])
    expect(alarm.alarm).toContain('h1|air-1|climate-silent|')
  })

  it('turns a thermal frame into readings', async () => {
    const frame = encodeThermalFrame({
      width: 2,
      height: 1,
      t: clock.now(),
      ambientCentiC: 2500,
      centiC: Int16Array.of(2000, 3000),
    })
    await bridge.publishAsync('flockwise/v1/h1/cam-1/frame', Buffer.from(frame), { qos: 1 })
    expect((await health()).stored.readings).toBe(3)
  })

  it('tells Prometheus of itself and its devices', async () => {
    await say('air-1', { t: clock.now(), values: { 'air.temperature': 25 } })
    const response = await fetch(`http://127.0.0.1:${edge.httpPort}/metrics`)
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    const text = await response.text()
    expect(text).toContain('flockwise_store_well 1\n')
    expect(text).toContain('flockwise_events_total{name="ingest.stored"} 1\n')
    expect(text).toContain('flockwise_device_link_open{house="h1",device="probe-1"} 0\n')
  })

  it('says nothing secret on its health page, and nothing at all elsewhere', async () => {
    const text = JSON.stringify(await health())
    for (const secret of ['token', 'tokenSha256', 'privateKey']) expect(text).not.toContain(secret)
    expect((await fetch(`http://127.0.0.1:${edge.httpPort}/`)).status).toBe(404)
  })
})

type HealthBody = {
  epoch: string
  counters: Record<string, number>
  rejected: Record<string, { payload: string }>
  stored: { readings: number; alarms: number; waiting: number }
  openAlarms: { alarm: string }[]
  devices: Record<string, unknown>
}
