import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NodeConfig } from '#domain/config.ts'
import { follow, freshSession, type NodeSession, rebirthCommand } from '#domain/sparkplug/node-session.ts'
import { parseSparkplugTopic } from '#domain/sparkplug/topic.ts'
import { createEdge, type Edge } from '../edge.ts'
import { decodeSparkplug, encodeSparkplug } from '../sparkplug/payload-codec.ts'
import { BRIDGE, nodeConfig, PROBE } from '../test/node-config.ts'
import { connectTo, until } from '../test/wire-client.ts'

/** Debian's own, or unpacked by setup.mjs; without its libraries it does not start. */
const unpacked = join(import.meta.dirname, '../../node_modules/.cache/debian/usr/sbin/mosquitto')
const mosquitto = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto', unpacked].find(
  (path) => existsSync(path) && spawnSync(path, ['-h'], { encoding: 'utf8' }).stdout.includes('mosquitto'),
)
const hasClients = spawnSync('mosquitto_sub', ['--help']).error === undefined
const noClients = hasClients ? '' : ' (skipped: mosquitto-clients is not installed)'
const noBroker = mosquitto && hasClients ? '' : ' (skipped: mosquitto is not installed)'

let dir: string
const ends: (() => unknown)[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flockwise-outlets-'))
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  rmSync(dir, { recursive: true, force: true })
})

async function start(publish: NonNullable<NodeConfig['publish']>): Promise<Edge> {
  const edge = await createEdge({
    config: { ...nodeConfig(dir), publish },
    clock: { boot: '00000000000000b0', now: Date.now, monotonic: () => performance.now() },
    random: () => 0.5,
    log: () => {},
    onStale: () => {},
  })
  let isClosed = false
  const close = edge.close
  edge.close = async () => {
    if (!isClosed) await close()
    isClosed = true
  }
  ends.push(edge.close)
  return edge
}

async function bridgeOf(edge: Edge) {
  const client = await connectTo(edge.mqttPort, BRIDGE)
  ends.push(() => client.end(true))
  return {
    say: (device: string, values: Record<string, number>, t = Date.now()) =>
      client.publishAsync(`flockwise/v1/h1/${device}/readings`, JSON.stringify({ t, values }), { qos: 1 }),
    health: (device: string, link: string) =>
      client.publishAsync(
        `flockwise/v1/h1/${device}/health`,
        JSON.stringify({
          t: Date.now(),
          link,
          lastFrameAt: Date.now(),
          frames: 1,
          discarded: {},
          reopened: 0,
        }),
      ),
  }
}

/** What `mosquitto_sub` prints, by topic: the newest. */
function listen(port: number, filters: string[], login?: { username: string; password: string }) {
  const args = [
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    '-V',
    'mqttv311',
    '-v',
    ...filters.flatMap((f) => ['-t', f]),
  ]
  const user = login ? ['-u', login.username, '-P', login.password] : []
  const child = spawn('mosquitto_sub', [...args, ...user], { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk
  })
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill()) await once(child, 'close')
  }
  ends.push(stop)
  return {
    stop,
    newest: () =>
      new Map(
        text
          .split('\n')
          .filter(Boolean)
          .map((line): [string, string] => [
            line.slice(0, line.indexOf(' ')),
            line.slice(line.indexOf(' ') + 1),
          ]),
      ),
  }
}

type Config = {
  device: { name: string }
  availability: { topic: string }[]
  components: Record<string, Record<string, unknown>>
}

describe.skipIf(!hasClients)(`on the edge’s own broker${noClients}`, () => {
  it('Home Assistant finds every device with its units, values and presence, whenever it comes', async () => {
    const edge = await start({ homeAssistant: { user: 'probe' } })
    const bridge = await bridgeOf(edge)
    await bridge.say('air-1', { 'air.temperature': 24.3, 'air.nh3': 12 })
    await bridge.say('relay-1', { 'power.mains': 1 })
    const { newest } = listen(edge.mqttPort, ['homeassistant/#', 'flockwise/out/#'], PROBE)
    const topic = 'homeassistant/device/flockwise_h1_air-1/config'
    await until(() => newest().has(topic) && newest().has('flockwise/out/h1/relay-1/power.mains'), 10_000)
    const config = JSON.parse(newest().get(topic) ?? '') as Config
    expect(config.device.name).toBe('One air-1')
    expect(config.components['air_temperature']).toEqual({
      platform: 'sensor',
      unique_id: 'flockwise_h1_air-1_air_temperature',
      name: 'air temperature',
      state_topic: 'flockwise/out/h1/air-1/air.temperature',
      state_class: 'measurement',
      suggested_display_precision: 1,
      unit_of_measurement: '°C',
      device_class: 'temperature',
    })
    expect(config.components['air_nh3']).not.toHaveProperty('device_class')
    expect(newest().get('flockwise/out/h1/air-1/air.temperature')).toBe('24.3')
    expect(newest().get('flockwise/out/h1/relay-1/power.mains')).toBe('1')
    expect(newest().get('flockwise/out/status')).toBe('online')
    await bridge.health('air-1', 'open')
    await until(() => newest().get('flockwise/out/h1/air-1/status') === 'online', 10_000)
    await bridge.health('air-1', 'closed')
    await until(() => newest().get('flockwise/out/h1/air-1/status') === 'offline', 10_000)
    await bridge.say('air-1', { 'air.co2': 1800 })
    await until(() => newest().get(topic)?.includes('carbon_dioxide') ?? false, 10_000)
  }, 60_000)
})

it('tells nobody anything who is not named, and nothing at all unless it is switched on', async () => {
  const edge = await start({})
  const stranger = await connectTo(edge.mqttPort, PROBE)
  ends.push(() => stranger.end(true))
  for (const filter of ['homeassistant/#', 'flockwise/out/#', 'spBv1.0/#'])
    await expect(stranger.subscribeAsync(filter)).rejects.toThrow()
})

/** A host application that follows the node, and says what it could not follow. */
async function host(client: MqttClient) {
  let session: NodeSession = freshSession
  const values = new Map<string, { value: number | undefined; t: number | undefined }>()
  const trouble: string[] = []
  let births = 0
  let isOnline = false
  client.on('message', (topic, bytes) => {
    const place = parseSparkplugTopic(topic)
    const payload = decodeSparkplug(bytes)
    if (!place || !payload) return
    if (place.type === 'NBIRTH') births++
    const result = follow(session, place, payload, performance.now())
    session = result.session
    trouble.push(...result.trouble)
    for (const { device, is } of result.online) if (device === '') isOnline = is
    for (const { device, name, value, t } of result.said) values.set(`${device} ${name}`, { value, t })
  })
  await client.subscribeAsync('spBv1.0/farm/#')
  return { values, trouble, births: () => births, isOnline: () => isOnline }
}

it('a SCADA is told births and data without a gap, and may ask for a rebirth', async () => {
  const edge = await start({ sparkplug: { user: 'probe', group: 'farm', node: 'coop' } })
  const bridge = await bridgeOf(edge)
  await bridge.say('air-1', { 'air.temperature': 24.3 })
  const client = await connectTo(edge.mqttPort, PROBE)
  ends.push(() => client.end(true))
  const scada = await host(client)
  await until(() => scada.values.get('air-1 air.temperature')?.value === 24.3, 10_000)
  const t = Date.now()
  await bridge.say('air-1', { 'air.temperature': 25 }, t)
  await bridge.say('relay-1', { 'fan.running': 1 })
  await until(() => scada.values.get('relay-1 fan.running')?.value === 1, 10_000)
  await until(() => scada.values.get('air-1 air.temperature')?.value === 25, 10_000)
  expect(scada.values.get('air-1 air.temperature')?.t).toBe(t)
  expect(scada.trouble).toEqual([])
  const before = scada.births()
  const command = Buffer.from(encodeSparkplug(rebirthCommand(Date.now())))
  await client.publishAsync('spBv1.0/farm/NCMD/coop', command, { qos: 1 })
  await until(() => scada.births() > before, 10_000)
  expect(scada.trouble).toEqual([])
}, 60_000)

describe.skipIf(noBroker !== '')(`on a mosquitto outside${noBroker}`, () => {
  let port: number
  let broker: ChildProcess
  beforeEach(async () => {
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    port = (free.address() as AddressInfo).port
    free.close()
    await once(free, 'close')
    const file = join(dir, 'mosquitto.conf')
    writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`)
    broker = spawn(mosquitto ?? '', ['-c', file], { stdio: 'ignore' })
    ends.push(async () => {
      if (broker.exitCode === null && broker.signalCode === null && broker.kill()) await once(broker, 'close')
    })
    await until(
      () =>
        connectTo(port, {}).then(
          (client) => client.end(true) && true,
          () => false,
        ),
      10_000,
    )
  })

  it('discovery and values stay for who comes later, and the edge says when it goes', async () => {
    const edge = await start({ homeAssistant: { url: `mqtt://127.0.0.1:${port}` } })
    const bridge = await bridgeOf(edge)
    await bridge.say('air-1', { 'air.humidity': 61 })
    const early = listen(port, ['flockwise/out/#'])
    await until(() => early.newest().has('flockwise/out/h1/air-1/air.humidity'), 15_000)
    const late = listen(port, ['homeassistant/#', 'flockwise/out/#'])
    await until(() => late.newest().has('homeassistant/device/flockwise_h1_air-1/config'), 10_000)
    expect(late.newest().get('flockwise/out/h1/air-1/air.humidity')).toBe('61')
    await edge.close()
    await until(() => late.newest().get('flockwise/out/status') === 'offline', 10_000)
  }, 60_000)

  it('a Sparkplug host follows the node through births, data and its death', async () => {
    const client = await connectTo(port, {})
    ends.push(() => client.end(true))
    const scada = await host(client)
    const edge = await start({ sparkplug: { url: `mqtt://127.0.0.1:${port}`, group: 'farm', node: 'coop' } })
    await until(() => scada.isOnline(), 15_000)
    const bridge = await bridgeOf(edge)
    await bridge.say('air-1', { 'air.temperature': 24.3 })
    await until(() => scada.values.get('air-1 air.temperature')?.value === 24.3, 10_000)
    expect(scada.trouble).toEqual([])
    await edge.close()
    await until(() => !scada.isOnline(), 10_000)
  }, 60_000)
})
