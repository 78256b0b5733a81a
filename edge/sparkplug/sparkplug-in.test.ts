import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IClientOptions, MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SparkplugMetric } from '#domain/sparkplug/payload.ts'
import type { DeviceHealth } from '#domain/topics.ts'
import { createEdge, type Edge } from '../edge.ts'
import { nodeConfig, PROBE } from '../test/node-config.ts'
import { connectTo, until } from '../test/wire-client.ts'
import { decodeSparkplug, encodeSparkplug } from './payload-codec.ts'

let dir: string
let edge: Edge
const clients: MqttClient[] = []

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'flockwise-sparkplug-'))
  const config = nodeConfig(dir)
  config.mqttDevices = [
    {
      id: 'silo-1',
      house: 'h1',
      user: 'probe',
      dialect: 'sparkplug-b',
      topic: 'spBv1.0/farm/plc/silo',
      metrics: {
        Level: 'feed.stock',
        'Probe/F': { metric: 'outside.temperature', scale: 5 / 9, offset: -160 / 9 },
      },
    },
    { id: 'board-1', house: 'h1', user: 'probe', dialect: 'sparkplug-b', topic: 'spBv1.0/farm/plc' },
  ]
  edge = await createEdge({
    config,
    clock: { boot: '00000000000000b0', now: Date.now, monotonic: () => performance.now() },
    random: () => 0.5,
    log: () => {},
    onStale: () => {},
  })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true)
  await edge.close()
  rmSync(dir, { recursive: true, force: true })
})

const connect = async (options: IClientOptions = {}) => {
  const client = await connectTo(edge.mqttPort, { ...PROBE, ...options })
  clients.push(client)
  return client
}
type Health = {
  stored: { readings: number }
  counters: Record<string, number>
  devices: Record<string, DeviceHealth>
}
const health = async () => (await (await fetch(`http://127.0.0.1:${edge.httpPort}/health`)).json()) as Health
const counted = async (name: string) => (await health()).counters[name] ?? 0

const bdSeq = (number: number): SparkplugMetric => ({
  name: 'bdSeq',
  datatype: 4,
  value: { kind: 'long', bits: BigInt(number) },
})
const level = (number: number, t = Date.now()): SparkplugMetric => ({
  alias: '1',
  timestamp: t,
  value: { kind: 'real', number },
})
const will = (number: number) => ({
  will: {
    topic: 'spBv1.0/farm/NDEATH/plc',
    payload: Buffer.from(encodeSparkplug({ metrics: [bdSeq(number)] })),
    qos: 1 as const,
    retain: false,
  },
})
const say = (node: MqttClient, type: string, seq: number, metrics: SparkplugMetric[]) =>
  node.publishAsync(
    `spBv1.0/farm/${type}/plc${type.startsWith('D') ? '/silo' : ''}`,
    Buffer.from(encodeSparkplug({ seq, timestamp: Date.now(), metrics })),
    { qos: 1 },
  )
const siloBirth: SparkplugMetric[] = [
  { ...level(800), name: 'Level', datatype: 9 },
  { name: 'Probe/F', alias: '2', datatype: 9, value: { kind: 'real', number: 50 } },
  { name: 'Firmware', datatype: 12, value: { kind: 'string', text: '1.2' } },
]
async function born(node: MqttClient, number: number) {
  await say(node, 'NBIRTH', 0, [
    bdSeq(number),
    { name: 'power.mains', datatype: 11, value: { kind: 'boolean', is: true } },
  ])
  await say(node, 'DBIRTH', 1, siloBirth)
}

it('stores what a node and its device say, and sees them come and go by the will of the connection', async () => {
  const node = await connect(will(3))
  await born(node, 3)
  expect((await health()).stored.readings).toBe(3)
  await say(node, 'DDATA', 2, [level(790)])
  const before = await health()
  expect(before.stored.readings).toBe(4)
  expect(before.devices).toMatchObject({ 'silo-1': { link: 'open', frames: 2 }, 'board-1': { link: 'open' } })
  expect(before.counters).not.toHaveProperty('rejected.unmapped')
  node.stream.destroy()
  await until(async () => (await health()).devices['silo-1']?.link === 'closed')
  expect((await health()).devices['board-1']?.link).toBe('closed')
})

it('asks a node whose messages were lost for its births, and follows it again', async () => {
  const asked: string[] = []
  const node = await connect(will(1))
  node.on('message', (topic, payload) => {
    const [metric] = decodeSparkplug(payload)?.metrics ?? []
    asked.push(`${topic} ${metric?.name} ${metric?.value?.kind === 'boolean' && metric.value.is}`)
    void born(node, 1)
  })
  await node.subscribeAsync('spBv1.0/farm/NCMD/plc/#')
  await say(node, 'DDATA', 17, [level(700)])
  await until(async () => (await health()).stored.readings === 3)
  expect(asked).toEqual(['spBv1.0/farm/NCMD/plc Node Control/Rebirth true'])
  await say(node, 'DDATA', 2, [level(690)])
  expect((await health()).stored.readings).toBe(4)
  expect(await counted('sparkplug.unborn')).toBe(1)
})

it('stores history at its own time, and the same history sent twice once', async () => {
  const node = await connect()
  await born(node, 1)
  const hourAgo = Date.now() - 3_600_000
  const old = { ...level(900, hourAgo), isHistorical: true }
  await say(node, 'DDATA', 2, [old])
  await say(node, 'DDATA', 3, [old])
  expect(await counted('ingest.late')).toBe(2)
  expect(await counted('ingest.duplicate')).toBe(1)
})

it('refuses what is no payload and what cannot be, and goes on', async () => {
  const node = await connect()
  await born(node, 1)
  await node.publishAsync('spBv1.0/farm/DDATA/plc/silo', 'not a payload', { qos: 1 })
  await say(node, 'DDATA', 2, [level(-5), { alias: '2', isNull: true }])
  const { devices, stored } = await health()
  expect(stored.readings).toBe(3)
  expect(devices['silo-1']?.discarded).toEqual({
    'rejected.not-valid': 1,
    'rejected.implausible': 1,
    'rejected.not-a-number': 1,
  })
})

it('tells a node that waits for its host that the host is there', async () => {
  const node = await connect()
  const heard: string[] = []
  node.on('message', (topic, payload) => heard.push(`${topic} ${payload}`))
  await node.subscribeAsync('spBv1.0/STATE/flockwise', { qos: 1 })
  await until(() => heard.length > 0)
  expect(heard[0]).toMatch(/^spBv1\.0\/STATE\/flockwise \{"online":true,"timestamp":\d+\}$/)
})

it('drops what the same client says of another node, and hands commands to nobody else', async () => {
  const node = await connect()
  await node.publishAsync(
    'spBv1.0/farm/NBIRTH/other',
    Buffer.from(encodeSparkplug({ seq: 0, metrics: [] })),
    {
      qos: 1,
    },
  )
  expect(await counted('mqtt.unlisted-topic')).toBe(1)
  await expect(node.subscribeAsync('spBv1.0/farm/NCMD/other')).rejects.toThrow()
  expect(await counted('mqtt.subscription-refused')).toBe(1)
})
