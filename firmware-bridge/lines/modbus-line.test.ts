import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import type { DeviceConfig } from '#domain/config.ts'
import { createTestPeer, type TestPeer } from '../bus/test-peer.ts'
import type { ModbusDefinition } from '../devices/definition.ts'
import { findDevice } from '../devices/index.ts'
import { encodeAnswer } from '../framers/modbus-rtu.ts'
import { writeChunk } from '../links/recording.ts'
import { connectReplay } from '../links/replay.ts'
import { connectTcp } from '../links/tcp.ts'
import { createDeviceCounters } from '../reporting/device-counters.ts'
import type { Line, LineDevice, Values } from './line.ts'
import { createModbusLine } from './modbus-line.ts'

const clock = { now: Date.now, monotonic: () => performance.now() }
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close()
})

const models = { 1: 'louver-shield', 2: 'nh3-x10', 3: 'relay-8ch' } as const
type Unit = keyof typeof models
type Seen = { device: LineDevice; values: { at: number; values: Values }[] }

async function setUp(
  units: Unit[],
  own: Pick<DeviceConfig, 'metrics' | 'scales'> = {},
  type: 'tcp' | 'modbus-tcp' | 'in memory' = 'tcp',
) {
  const definitions = units.map((unit) => findDevice(models[unit]) as ModbusDefinition)
  const peer = await createTestPeer(
    Object.fromEntries(units.map((unit, index) => [unit, definitions[index] as ModbusDefinition])),
    type === 'modbus-tcp' ? 'tcp' : 'rtu',
  )
  if (units.includes(1)) peer.set(1, { humidity: 61.5, temperature: 24.3, co2: 1800, light: 30 })
  if (units.includes(2)) peer.set(2, { nh3: 12.5 })
  const seen = Object.fromEntries(units.map((unit) => [unit, watched(unit, own)])) as Record<Unit, Seen>
  const via = { type: type === 'modbus-tcp' ? type : 'tcp', host: '127.0.0.1', port: peer.port } as const
  const devices = units.map((unit) => seen[unit].device)
  const line = createModbusLine(
    {
      link: { id: 'bus', via, devices: devices.map(({ config }) => config) },
      devices,
      connect: type === 'in memory' ? peer.connect : connectTcp(via),
      clock,
      random: () => 0,
      onStatus() {},
    },
    definitions,
  )
  closers.push(
    () => peer.close(),
    () => line.close(),
  )
  return { peer, line, seen }
}

function watched(unit: Unit, own: Pick<DeviceConfig, 'metrics' | 'scales'>): Seen {
  const values: Seen['values'] = []
  const device: LineDevice = {
    config: { id: `unit-${unit}`, house: 'h1', model: models[unit], unit, ...own },
    counters: createDeviceCounters(),
    values: (_, said) => values.push({ at: performance.now(), values: said }),
    block() {},
    sound() {},
    thermal() {},
    picture() {},
  }
  return { device, values }
}

const healthOf = (line: Line, { device }: Seen) => device.counters.health(Date.now(), line.status())
const until = (check: () => void, ms = 5000) => vi.waitFor(check, { timeout: ms, interval: 10 })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function readsOf(peer: TestPeer, unit: Unit) {
  return peer.requests.filter(({ request }) => request.unit === unit && request.fc !== 5)
}

/** Time that passes only when the test says so, so that a busy machine measures the same. */
async function setUpInOwnTime(units: Unit[]) {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  })
  closers.push(() => vi.useRealTimers())
  return setUp(units, {}, 'in memory')
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

it('asks every device about once a second, in turn, and leaves the line quiet between', async () => {
  const { peer, seen, line } = await setUpInOwnTime([1, 2, 3])
  await pass(3300)
  expect(seen[1].values.at(-1)?.values).toEqual({
    'air.humidity': 61.5,
    'air.temperature': 24.3,
    'air.co2': 1800,
    light: 30,
  })
  expect(seen[2].values.at(-1)?.values).toEqual({ 'air.nh3': 12.5 })
  for (const unit of [1, 2] as const) {
    expect(readsOf(peer, unit).length).toBeGreaterThanOrEqual(3)
    expect(readsOf(peer, unit).length).toBeLessThanOrEqual(4)
  }
  peer.requests.slice(1).forEach(({ at }, index) => {
    expect(at - (peer.requests[index]?.answeredAt ?? Number.NaN)).toBeGreaterThanOrEqual(49)
  })
  expect(healthOf(line, seen[1])).toMatchObject({ link: 'open', reopened: 0, discarded: {} })
})

it('speaks Modbus TCP as well, commands included', async () => {
  const { peer, seen, line } = await setUp([1, 3], { scales: { co2: 0.5 } }, 'modbus-tcp')
  await until(() => expect(seen[1].values.at(-1)?.values).toMatchObject({ 'air.co2': 900, light: 30 }))
  line.command(seen[3].device, 'siren', true)
  await until(() => expect(peer.image(3).coil.get(0)).toBe(1))
  await until(() => expect(seen[3].values.at(-1)?.values).toMatchObject({ 'siren.on': 1 }))
  expect(healthOf(line, seen[1])).toMatchObject({ link: 'open', discarded: {} })
})

it('says nothing of an input that the installer marked as not wired', async () => {
  const { seen } = await setUp([3], { metrics: { 'fan-feedback': 'none', mains: 'none' } })
  await until(() => expect(seen[3].values.length).toBeGreaterThan(2))
  const said = new Set(seen[3].values.flatMap(({ values }) => Object.keys(values)))
  expect([...said].sort()).toEqual(['fan.emergency', 'siren.on'])
})

it('a siren command is on the wire within 200 ms, and its state is read back at once', async () => {
  const { peer, seen, line } = await setUpInOwnTime([1, 2, 3])
  await pass(2500)
  expect(seen[3].values.length).toBeGreaterThan(1)
  const waits: number[] = []
  for (let round = 0; round < 10; round++) {
    await pass(37 * round)
    const on = round % 2 === 0
    const askedAt = performance.now()
    expect(line.command(seen[3].device, 'siren', on)).toBe(true)
    await pass(400)
    expect(peer.image(3).coil.get(0)).toBe(on ? 1 : 0)
    waits.push((peer.requests.findLast(({ request }) => request.fc === 5)?.at ?? Number.NaN) - askedAt)
    expect(seen[3].values.findLast(({ values }) => 'siren.on' in values)?.values['siren.on']).toBe(on ? 1 : 0)
  }
  expect(Math.max(...waits)).toBeLessThan(200)
})

it('writes again until the relay says it did, the newest word only', async () => {
  const { peer, seen, line } = await setUp([3])
  await until(() => expect(seen[3].values.length).toBeGreaterThan(0))
  let lost = 0
  peer.tamper((answer, { fc }) => (fc === 5 && lost++ < 2 ? undefined : answer))
  line.command(seen[3].device, 'fan.emergency', true)
  line.command(seen[3].device, 'fan.emergency', false)
  line.command(seen[3].device, 'siren', true)
  await until(() =>
    expect(seen[3].values.findLast(({ values }) => 'siren.on' in values)?.values['siren.on']).toBe(1),
  )
  await until(() => expect(lost).toBe(4))
  const writes = peer.requests.flatMap(({ request }) =>
    request.fc === 5 ? [`${request.address} ${request.on}`] : [],
  )
  expect(writes.sort()).toEqual(['0 true', '0 true', '1 false', '1 false'])
  expect(healthOf(line, seen[3]).discarded['timeout']).toBe(2)
}, 10_000)

it('a silent device holds nobody up and comes back', async () => {
  const { peer, seen, line } = await setUp([1, 2])
  peer.tamper((answer, { unit }) => (unit === 2 ? undefined : answer))
  await pause(7000)
  expect(readsOf(peer, 1).length).toBeGreaterThanOrEqual(5)
  expect(readsOf(peer, 2).length).toBeLessThanOrEqual(5)
  const silent = healthOf(line, seen[2])
  expect(silent).toMatchObject({ frames: 0, error: 'unit 2 does not answer' })
  expect(silent.discarded['timeout']).toBeGreaterThanOrEqual(3)
  expect(healthOf(line, seen[1]).error).toBeUndefined()
  peer.tamper((answer) => answer)
  await until(() => expect(seen[2].values.length).toBeGreaterThan(0), 10_000)
  expect(healthOf(line, seen[2]).error).toBeUndefined()
}, 20_000)

it('counts noise and wrong checksums, and believes neither', async () => {
  const { peer, seen, line } = await setUp([2])
  let round = 0
  peer.tamper((answer) => {
    round++
    if (round % 2 === 0) return Buffer.concat([Uint8Array.of(0xff, 0x00, 0x55), answer])
    const damaged = answer.slice()
    damaged[3] = 0x01
    return damaged
  })
  await until(() => expect(seen[2].values.length).toBeGreaterThanOrEqual(2), 8000)
  expect(seen[2].values.map(({ values }) => values['air.nh3'])).toEqual(seen[2].values.map(() => 12.5))
  const { discarded } = healthOf(line, seen[2])
  expect(discarded['noise']).toBeGreaterThanOrEqual(6)
  expect(discarded['checksum']).toBeGreaterThanOrEqual(1)
  expect(discarded['timeout']).toBeGreaterThanOrEqual(1)
}, 10_000)

it('names an exception, and a sensor fault', async () => {
  const { peer, seen, line } = await setUp([1, 2])
  peer.set(1, { temperature: undefined })
  peer.tamper((answer, request) => (request.unit === 2 ? Uint8Array.of(2, 0x83, 2, 0x30, 0xf1) : answer))
  await until(() => expect(healthOf(line, seen[2]).discarded['exception']).toBeGreaterThan(0))
  expect(healthOf(line, seen[2]).error).toBe(
    'unit 2 refuses to read holding 0: exception 2, illegal data address',
  )
  await until(() => expect(seen[1].values.length).toBeGreaterThan(0))
  expect(seen[1].values[0]?.values).toEqual({ 'air.humidity': 61.5, 'air.co2': 1800, light: 30 })
  expect(healthOf(line, seen[1]).discarded).toEqual({ fault: seen[1].values.length })
  expect(healthOf(line, seen[1]).error).toBe('temperature: the sensor signals a fault')
})

it('does not take a late answer for another device’s', async () => {
  const { peer, seen, line } = await setUp([1, 2])
  peer.think(({ unit }) => (unit === 1 ? 580 : 5))
  await until(() => expect(seen[2].values.length).toBeGreaterThan(2), 8000)
  for (const { values } of seen[2].values) expect(values).toEqual({ 'air.nh3': 12.5 })
  expect(seen[1].values).toEqual([])
  expect(healthOf(line, seen[1]).discarded['timeout']).toBeGreaterThan(1)
}, 10_000)

it('asks again as soon as the line is back', async () => {
  const { peer, seen, line } = await setUp([2])
  await until(() => expect(seen[2].values.length).toBe(1))
  peer.hangUp()
  line.command(seen[2].device, 'siren', true)
  await until(() => expect(line.status().reopened).toBe(1))
  await until(() => expect(seen[2].values.length).toBeGreaterThan(1), 1000)
})

it('points a field at another metric where the installer says so', async () => {
  const { seen } = await setUp([1], {
    metrics: { temperature: 'outside.temperature', humidity: 'outside.humidity' },
  })
  await until(() =>
    expect(seen[1].values[0]?.values).toMatchObject({
      'outside.temperature': 24.3,
      'outside.humidity': 61.5,
    }),
  )
  expect(seen[1].values[0]?.values).not.toHaveProperty('air.temperature')
})

it('reads a recording, which answers nobody', async () => {
  const recording = join(mkdtempSync(join(tmpdir(), 'modbus-')), 'bus.jsonl')
  closers.push(() => rmSync(dirname(recording), { recursive: true }))
  const nh3 = { unit: 2, fc: 3, address: 0, count: 1 } as const
  const inputs = { unit: 3, fc: 2, address: 0, count: 8 } as const
  const chunks = [
    encodeAnswer(nh3, { kind: 'values', values: [87] }),
    Uint8Array.of(0xff, 0xff),
    encodeAnswer(inputs, { kind: 'values', values: [1, 0, 0, 0, 0, 0, 0, 0] }),
  ]
  writeFileSync(recording, chunks.map((bytes, t) => writeChunk({ t, bytes })).join(''))
  const via = { type: 'replay', file: recording } as const
  const replayed = [watched(2, {}), watched(3, {})]
  const devices = replayed.map(({ device }) => device)
  const line = createModbusLine(
    {
      link: { id: 'bus', via, devices: devices.map(({ config }) => config) },
      devices,
      connect: connectReplay(via, clock),
      clock,
      random: () => 0,
      onStatus() {},
    },
    devices.map(({ config }) => findDevice(config.model) as ModbusDefinition),
  )
  closers.push(() => line.close())
  await until(() => expect(replayed[1]?.values.length).toBeGreaterThan(0))
  expect(replayed.map(({ values }) => values[0]?.values)).toEqual([
    { 'air.nh3': 8.7 },
    { 'fan.running': 1, 'power.mains': 0 },
  ])
  expect(line.command(devices[1] as LineDevice, 'siren', true)).toBe(false)
})

it('has no output that the model lacks', async () => {
  const { seen, line } = await setUp([1])
  expect(line.command(seen[1].device, 'siren', true)).toBe(false)
})
