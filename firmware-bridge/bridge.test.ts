import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Aedes, type AedesPublishPacket } from 'aedes'
import { Value } from 'typebox/value'
import { afterEach, expect, it, vi } from 'vitest'
import { LoadBlock } from '#domain/block.ts'
import type { NodeConfig } from '#domain/config.ts'
import { decodeThermalFrame } from '#domain/frame.ts'
import { DeviceHealth, parseTopic, ReadingsMessage, type Sample } from '#domain/topics.ts'
import { type Bridge, createBridge } from './bridge.ts'
import { createTestPeer, type TestPeer } from './bus/test-peer.ts'
import type { LoadDefinition, ModbusDefinition, ThermalDefinition } from './devices/definition.ts'
import { createCatalogue, findDevice } from './devices/index.ts'
import { connectLine } from './links/connect-line.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const TOKEN = 'a token'
const BOOT = '0123456789abcdef'
const until = (check: () => void, ms = 8000) => vi.waitFor(check, { timeout: ms, interval: 10 })

type Message = { device: string; channel: string; payload: Buffer; retain: boolean }
type Edge = {
  port: number
  messages: Message[]
  logIns: string[]
  command(device: string, body: unknown): void
  close(): Promise<void>
}

/** A broker with one user, which remembers what it was told. */
async function startEdge(port = 0): Promise<Edge> {
  const messages: Message[] = []
  const logIns: string[] = []
  const broker = await Aedes.createBroker({
    authenticate(_client, username, password, done) {
      const right = username === 'bridge' && password?.toString() === TOKEN
      logIns.push(right ? 'in' : 'refused')
      if (right) done(null, true)
      else done(Object.assign(new Error('refused'), { returnCode: 4 as const }), false)
    },
  })
  broker.on('publish', (packet: AedesPublishPacket) => {
    const address = parseTopic(packet.topic)
    if (address && address.channel !== 'command') {
      messages.push({ ...address, payload: Buffer.from(packet.payload), retain: packet.retain })
    }
  })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    broker.handle(socket)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  let closed = false
  const edge: Edge = {
    port: (server.address() as AddressInfo).port,
    messages,
    logIns,
    command(device, body) {
      const payload = typeof body === 'string' ? body : JSON.stringify(body)
      const topic = `flockwise/v1/h1/${device}/command`
      broker.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, () => {})
    },
    async close() {
      if (closed) return
      closed = true
      server.close()
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => broker.close(() => resolve()))
    },
  }
  closers.push(() => edge.close())
  return edge
}

/** A device that sends by itself, over TCP. */
async function startStream(next: () => Uint8Array, everyMs: number): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    const timer = setInterval(() => socket.write(next()), everyMs)
    socket.on('close', () => clearInterval(timer))
    closers.push(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => server.close())
  return (server.address() as AddressInfo).port
}

const tcp = (port: number) => ({ type: 'tcp', host: '127.0.0.1', port }) as const

async function startHouse(
  edgePort: number,
  token = TOKEN,
): Promise<{ bridge: Bridge; bus: TestPeer; said: string[] }> {
  const scale = findDevice('xk3190') as LoadDefinition
  const camera = findDevice('gy-mcu90640') as ThermalDefinition
  let grams = 0
  const scalePort = await startStream(() => {
    grams += 50
    return scale.encode({ grams })
  }, 50)
  const centiC = new Int16Array(768).fill(3000)
  const cameraPort = await startStream(() => camera.encode({ ambientCentiC: 2500, centiC }), 250)
  const bus = await createTestPeer({
    1: findDevice('louver-shield') as ModbusDefinition,
    3: findDevice('relay-8ch') as ModbusDefinition,
  })
  closers.push(() => bus.close())
  const air = { humidity: 60, temperature: 25, co2: 1500, light: 10 }
  bus.set(1, air)
  // Something to say every second.
  const breath = setInterval(() => {
    air.co2 += 100
    bus.set(1, air)
  }, 1000)
  closers.push(() => clearInterval(breath))
  const config: NodeConfig = {
    houses: [{ id: 'h1', name: 'House 1', timeZone: 'Asia/Shanghai' }],
    edge: { dataDir: '.', mqtt: { host: '127.0.0.1', port: edgePort }, http: { host: '127.0.0.1', port: 0 } },
    bridge: { mqttUrl: `mqtt://127.0.0.1:${edgePort}`, user: 'bridge', tokenFile: 'token' },
    users: [{ id: 'bridge', tokenSha256: '0'.repeat(64), bridge: true }],
    links: [
      { id: 'scale', via: tcp(scalePort), devices: [{ id: 'scale-1', house: 'h1', model: 'xk3190' }] },
      {
        id: 'camera',
        via: tcp(cameraPort),
        devices: [{ id: 'thermal-1', house: 'h1', model: 'gy-mcu90640' }],
      },
      {
        id: 'bus',
        via: tcp(bus.port),
        devices: [
          { id: 'climate-1', house: 'h1', model: 'louver-shield', unit: 1 },
          { id: 'relay-1', house: 'h1', model: 'relay-8ch', unit: 3 },
        ],
      },
    ],
    mqttDevices: [],
    outputs: [],
  }
  const said: string[] = []
  const bridge = createBridge({
    catalogue: createCatalogue(),
    config,
    token,
    clock: { boot: BOOT, now: Date.now, monotonic: () => performance.now() },
    random: () => 0.5,
    connectLine,
    log: (message) => said.push(message),
  })
  closers.push(() => bridge.close())
  return { bridge, bus, said }
}

const of = (edge: Edge, device: string, channel: string) =>
  edge.messages.filter((message) => message.device === device && message.channel === channel)

function samplesOf(edge: Edge, device: string): Sample[] {
  return of(edge, device, 'readings').flatMap(({ payload }) => {
    const message: unknown = JSON.parse(payload.toString())
    expect(Value.Check(ReadingsMessage, message)).toBe(true)
    return message as Sample | Sample[]
  })
}

function healthOf(edge: Edge, device: string): DeviceHealth {
  const last = of(edge, device, 'health').at(-1)
  const health: unknown = JSON.parse(last?.payload.toString() ?? 'null')
  expect(Value.Check(DeviceHealth, health)).toBe(true)
  return health as DeviceHealth
}

it('carries bytes to readings, blocks, pictures and health', async () => {
  const edge = await startEdge()
  await startHouse(edge.port)
  await until(() => {
    expect(samplesOf(edge, 'climate-1').length).toBeGreaterThan(0)
    expect(samplesOf(edge, 'relay-1').length).toBeGreaterThan(0)
    expect(samplesOf(edge, 'scale-1').length).toBeGreaterThan(0)
    expect(of(edge, 'scale-1', 'block').length).toBeGreaterThan(1)
    expect(of(edge, 'thermal-1', 'frame').length).toBeGreaterThan(1)
  })
  expect(samplesOf(edge, 'climate-1')[0]?.values).toEqual({
    'air.temperature': 25,
    'air.humidity': 60,
    'air.co2': expect.any(Number),
    light: 10,
  })
  const { t, boot, mono } = samplesOf(edge, 'climate-1')[0] as Sample
  expect(boot).toBe(BOOT)
  expect(Math.abs(t - (mono ?? 0) - (Date.now() - performance.now()))).toBeLessThan(5)
  const blocks = of(edge, 'scale-1', 'block').map(({ payload }): unknown => JSON.parse(payload.toString()))
  for (const block of blocks) expect(Value.Check(LoadBlock, block)).toBe(true)
  const grams = blocks.flatMap((block) => (block as LoadBlock).grams)
  expect(grams).toEqual(Array.from({ length: grams.length }, (_, index) => (index + 1) * 50))
  const frame = decodeThermalFrame(of(edge, 'thermal-1', 'frame')[0]?.payload ?? new Uint8Array())
  expect(frame).toMatchObject({ width: 32, height: 24, ambientCentiC: 2500 })
  expect(Date.now() - (frame?.t ?? 0)).toBeLessThan(10_000)
  await until(() => expect(healthOf(edge, 'scale-1').frames).toBeGreaterThan(10))
  expect(healthOf(edge, 'scale-1')).toMatchObject({ link: 'open', reopened: 0, discarded: {} })
}, 20_000)

it('keeps readings while the edge is away and sends them in order when it is back', async () => {
  const first = await startEdge()
  await startHouse(first.port)
  await until(() => expect(samplesOf(first, 'climate-1').length).toBeGreaterThan(1))
  await first.close()
  await new Promise((resolve) => setTimeout(resolve, 3000))
  const second = await startEdge(first.port)
  await until(() => expect(samplesOf(second, 'climate-1').length).toBeGreaterThan(3))
  const times = [...samplesOf(first, 'climate-1'), ...samplesOf(second, 'climate-1')].map(({ t }) => t)
  const once = [...new Set(times)]
  expect(once).toEqual([...once].sort((a, b) => a - b))
  const gaps = once.slice(1).map((t, index) => t - (once[index] as number))
  // The air is said about every second: a hole of three would show here.
  expect(Math.max(...gaps)).toBeLessThan(2500)
  await until(() => expect(healthOf(second, 'thermal-1').discarded['not-sent']).toBeGreaterThan(3))
}, 20_000)

it('executes a command once, and counts what is no command for the device', async () => {
  const edge = await startEdge()
  const { bus } = await startHouse(edge.port)
  await until(() => expect(samplesOf(edge, 'relay-1').length).toBeGreaterThan(0))
  const siren = { id: 'c1', output: 'siren', on: true }
  edge.command('relay-1', siren)
  await until(() => expect(bus.image(3).coil.get(0)).toBe(1))
  edge.command('relay-1', siren)
  edge.command('relay-1', '{"id":"c2"')
  edge.command('relay-1', { id: 'c3', output: 'siren', on: 'yes' })
  edge.command('climate-1', { id: 'c4', output: 'siren', on: true })
  await until(() => {
    expect(samplesOf(edge, 'relay-1').at(-1)?.values).toEqual({ 'siren.on': 1 })
    expect(healthOf(edge, 'relay-1').discarded['command-refused']).toBe(2)
    expect(healthOf(edge, 'climate-1').discarded['command-refused']).toBe(1)
  })
  expect(bus.requests.filter(({ request }) => request.fc === 5)).toHaveLength(1)
}, 20_000)

it('keeps knocking at an edge that refuses its token, and says so once', async () => {
  const edge = await startEdge()
  const { said } = await startHouse(edge.port, 'wrong')
  await until(() => expect(edge.logIns.length).toBeGreaterThan(2))
  expect(edge.logIns).not.toContain('in')
  const refusals = said.filter((line) => /bad user ?name or password/i.test(line))
  expect(refusals).toHaveLength(1)
}, 20_000)

it('shows on the health page when a line is cut and comes back', async () => {
  const edge = await startEdge()
  const { bus } = await startHouse(edge.port)
  await until(() => expect(healthOf(edge, 'climate-1').link).toBe('open'))
  bus.hangUp()
  await until(() =>
    expect(
      of(edge, 'climate-1', 'health')
        .map(({ payload }) => payload.toString())
        .join(),
    ).toContain('"closed"'),
  )
  await until(() => expect(healthOf(edge, 'climate-1')).toMatchObject({ link: 'open', reopened: 1 }))
}, 20_000)

/** It closes within a second; a busy machine may take some more. What hangs never ends. */
const CLOSED_WITHIN_MS = 5_000

it('closes soon, and its last word is that the links are closed', async () => {
  const edge = await startEdge()
  const { bridge } = await startHouse(edge.port)
  await until(() => expect(samplesOf(edge, 'scale-1').length).toBeGreaterThan(0))
  const startedAt = performance.now()
  await bridge.close()
  expect(performance.now() - startedAt).toBeLessThan(CLOSED_WITHIN_MS)
  await until(() => expect(healthOf(edge, 'scale-1').link).toBe('closed'))
})
