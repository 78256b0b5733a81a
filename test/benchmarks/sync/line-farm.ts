// A farm of six houses as real processes, an edge and a cloud, with a line between them that is measured: HTTPS
// through a relay, with a certificate authority made for this run.
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { promisify } from 'node:util'
import { connectAsync, type MqttClient } from 'mqtt'
import type { NodeConfig } from '#domain/config.ts'
import { type DeviceHealth, topicFor } from '#domain/topics.ts'
import { createFarmClient, type FarmClient } from '../../../demo/farm-client.ts'
import { onSmallBoard, type Part, startPart } from '../../../demo/part.ts'
import { freePort } from '../../../demo/ports.ts'
import { openRelay, type Relay } from './relay.ts'
import { type DeviceSample, HOUSES } from './six-houses.ts'

export const FARM = 'measured'
const TIME_ZONE = 'Asia/Shanghai'
const HOST = '127.0.0.1'
const USER = 'bridge'

export type LineFarm = {
  relay: Relay
  client: FarmClient
  edge: Part
  cloud: Part
  /** Publishes as the bridge does, and resolves when the edge has acknowledged it. */
  publish(sample: DeviceSample): Promise<void>
  /** Tells, as the bridge does, that the device is well. */
  publishHealth(device: { house: string; device: string }, frames: number): Promise<void>
  health(): Promise<EdgeHealth>
  close(): Promise<void>
}

/** What of the edge's health page is looked at here. */
export type EdgeHealth = {
  sync: { state: string; why?: string; backlog: { readings: number; alarms: number } }
  stored: { readings: number }
}

export type LineFarmOptions = {
  dir: string
  /** The edge's data folder below `dir`: one that has readings already brings them along. */
  edgeDir: string
  /** Every device that will speak. */
  devices: readonly { house: string; device: string }[]
  /** Of every byte, each way. */
  delayMs: number
}

export async function startLineFarm(options: LineFarmOptions): Promise<LineFarm> {
  const parts: Part[] = []
  const open: { close(): Promise<void> }[] = []
  const close = async () => {
    await Promise.all(open.map((one) => one.close()))
    await Promise.all(parts.map((part) => part.stop()))
  }
  try {
    return { ...(await startParts(options, parts, open)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startParts(
  { dir, edgeDir, devices, delayMs }: LineFarmOptions,
  parts: Part[],
  open: { close(): Promise<void> }[],
): Promise<Omit<LineFarm, 'close'>> {
  const start = (name: string, env: Record<string, string>) => {
    const part = startPart({ name, main: `${name}/main.ts`, env, logFile: join(dir, `${name}.log`) })
    parts.push(part)
    return part
  }
  const tls = await makeCertificate(dir)
  const [cloudPort, mqttPort, httpPort] = [await freePort(0), await freePort(0), await freePort(0)]
  const cloud = start('cloud', {
    FLOCKWISE_HOST: HOST,
    FLOCKWISE_PORT: `${cloudPort}`,
    FLOCKWISE_DATA_DIR: join(dir, 'cloud'),
    FLOCKWISE_TLS_CERT: tls.cert,
    FLOCKWISE_TLS_KEY: tls.key,
  })
  await cloud.line((line) => (line.includes('listening on') ? true : undefined))
  const setupCode = await cloud.line((line) => /set-up code[^A-Z0-9]*([A-Z0-9-]{6,})/i.exec(line)?.[1])
  const client = createFarmClient(`https://${HOST}:${cloudPort}`)
  await setUpFarm(client, setupCode)

  const relay = await openRelay(cloudPort, delayMs)
  open.push(relay)
  const token = randomBytes(18).toString('base64url')
  const config: NodeConfig = {
    houses: houseIds.map((id) => ({ id, name: id, timeZone: TIME_ZONE })),
    cloud: { url: `https://${HOST}:${relay.port}` },
    edge: {
      dataDir: join(dir, edgeDir),
      mqtt: { host: HOST, port: mqttPort },
      http: { host: HOST, port: httpPort },
    },
    bridge: { mqttUrl: `mqtt://${HOST}:${mqttPort}`, user: USER, tokenFile: join(dir, 'unused') },
    users: [{ id: USER, tokenSha256: createHash('sha256').update(token).digest('hex'), bridge: true }],
    links: houseIds.map((id) => ({
      id: `${id}-bus`,
      via: { type: 'tcp', host: HOST, port: 1 },
      devices: devices
        .filter(({ house }) => house === id)
        .map(({ house, device }, index) => ({ id: device, house, model: 'louver-shield', unit: index + 1 })),
    })),
    mqttDevices: [],
    outputs: [],
  }
  await writeFile(join(dir, 'farm.json'), JSON.stringify(config))
  const edge = start('edge', {
    ...onSmallBoard,
    FLOCKWISE_CONFIG: join(dir, 'farm.json'),
    FLOCKWISE_ENROL_CODE: await client.enrolmentCode(FARM),
    NODE_EXTRA_CA_CERTS: tls.authority,
  })
  await edge.line((line) => (line.includes('edge ready') ? true : undefined))
  const healthUrl = `http://${HOST}:${httpPort}/health`
  const bridge = await connectAsync(`mqtt://${HOST}:${mqttPort}`, { username: USER, password: token })
  open.push({ close: () => bridge.endAsync(true) })
  return {
    relay,
    client,
    edge,
    cloud,
    publish: (sample) => publish(bridge, sample),
    async publishHealth({ house, device }, frames) {
      const t = Date.now()
      const health: DeviceHealth = { t, link: 'open', lastFrameAt: t, frames, discarded: {}, reopened: 0 }
      await bridge.publishAsync(topicFor(house, device, 'health'), JSON.stringify(health), { qos: 0 })
    },
    health: async () => (await (await fetch(healthUrl)).json()) as EdgeHealth,
  }
}

const houseIds = Array.from({ length: HOUSES }, (_, index) => `h${index + 1}`)

async function setUpFarm(client: FarmClient, setupCode: string): Promise<void> {
  const login = { name: 'tester@farm.example', password: randomBytes(12).toString('base64url') }
  await client.setUp(setupCode, login.name, login.password, 'Tester')
  await client.logIn(login.name, login.password)
  await client.addFarm({ id: FARM, name: 'Measured farm', timeZone: TIME_ZONE })
  for (const id of houseIds) await client.addHouse(FARM, { id, name: `House ${id}`, timeZone: TIME_ZONE })
}

async function publish(bridge: MqttClient, sample: DeviceSample): Promise<void> {
  const { house, device, t, values, source, by } = sample
  const payload = JSON.stringify({ t, values, ...(source !== 'sensor' && { source, by }) })
  await bridge.publishAsync(topicFor(house, device, 'readings'), payload, { qos: 1 })
}

/** A root, and a certificate for the loopback address that it signed. This process trusts it from now on. */
async function makeCertificate(dir: string): Promise<{ cert: string; key: string; authority: string }> {
  const file = (name: string) => join(dir, name)
  const [cert, key, authority, authorityKey, request, extensions] = [
    file('cloud.crt'),
    file('cloud.key'),
    file('authority.crt'),
    file('authority.key'),
    file('cloud.csr'),
    file('extensions.cnf'),
  ]
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  await run('openssl', [
    ...['req', '-x509', ...newKey, '-keyout', authorityKey, '-out', authority],
    ...['-days', '7', '-subj', '/CN=Authority of a measurement'],
  ])
  await run('openssl', ['req', ...newKey, '-keyout', key, '-out', request, '-subj', `/CN=${HOST}`])
  await writeFile(extensions, `subjectAltName=IP:${HOST}\nextendedKeyUsage=serverAuth\n`)
  await run('openssl', [
    ...['x509', '-req', '-in', request, '-CA', authority, '-CAkey', authorityKey, '-CAcreateserial'],
    ...['-days', '7', '-extfile', extensions, '-out', cert],
  ])
  setDefaultCACertificates([...getCACertificates('default'), await readFile(authority, 'utf8')])
  return { cert, key, authority }
}

const run = promisify(execFile)
