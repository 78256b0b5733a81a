import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DAY, MINUTE } from '#domain/time.ts'
import { nodeConfigFor } from '../firmware-bridge/simulator/node-config.ts'
import { createFarmClient, type FarmClient } from './farm-client.ts'
import { type Line, openLine } from './line.ts'
import { onSmallBoard, type Part } from './part.ts'
import { createParts } from './parts.ts'
import { freePort, reachable } from './ports.ts'
import { FARM, HOUSES, placedOn, setUpSunriseFarm, TIME_ZONE } from './sunrise-farm.ts'

/** A farm of two houses as separate processes: simulated houses → bridge → edge → line → cloud. */
export type WholeFarm = {
  id: string
  url: string
  login: string
  password: string
  client: FarmClient
  /** The line between edge and cloud. */
  line: Line
  /** The simulator's control port. */
  simulatorUrl: string
  edge(): Part
  cloud(): Part
  setFault(house: string, fault: string, on: boolean): Promise<void>
  /** Resolves when the page shows live values and history of every house. */
  live(): Promise<void>
  /** Kills edge and bridge as a power cut does. */
  cutPower(): Promise<void>
  restorePower(): Promise<void>
  stopCloud(): Promise<void>
  startCloud(): Promise<void>
  /** Resolves, with the reason, when a part ends unasked. */
  died: Promise<string>
  close(): Promise<void>
}

export type WholeFarmOptions = {
  dir: string
  /** The page's port; 0 or one that is taken means a free one. */
  port: number
  host: string
  historyDays: number
  tell: (text: string) => void
  /** Ends the parts also while they are being started. */
  signal?: AbortSignal
}

const LOGIN = 'farmer@sunrise.example'

/** Starts every part. When one does not start, those that did are ended and the promise rejects with the reason. */
export async function startWholeFarm(options: WholeFarmOptions): Promise<WholeFarm> {
  mkdirSync(options.dir, { recursive: true })
  const parts = createParts(options.dir)
  options.signal?.addEventListener('abort', () => parts.stopAll(), { once: true })
  return openFarm(options, parts).catch(async (error: unknown) => {
    await parts.stopAll()
    throw error
  })
}

async function openFarm(
  { dir, port, host, historyDays, tell }: WholeFarmOptions,
  parts: ReturnType<typeof createParts>,
): Promise<WholeFarm> {
  const now = Date.now()
  const [cloudPort, mqttPort, httpPort] = [await freePort(port, host), await freePort(0), await freePort(0)]
  const startCloud = () =>
    parts.start('cloud', 'cloud/main.ts', {
      FLOCKWISE_HOST: host,
      FLOCKWISE_PORT: String(cloudPort),
      FLOCKWISE_DATA_DIR: join(dir, 'cloud'),
    })
  let cloud = startCloud()

  // The simulator takes its time to live through three weeks; meanwhile the farm is set up.
  const tokens = makeTokens()
  const simulator = parts.start('simulator', 'firmware-bridge/simulator/main.ts', {
    FLOCKWISE_SIMULATOR: writeJson(join(dir, 'simulator.json'), {
      seed: 7,
      houses: HOUSES.map(({ id, breed, birds }) => ({
        id,
        breed,
        birds,
        placedOn: placedOn(now),
        timeZone: TIME_ZONE,
      })),
      mqtt: { url: `mqtt://127.0.0.1:${mqttPort}`, users: tokens },
      historyDays,
    }),
  })

  const url = `http://127.0.0.1:${cloudPort}`
  const client = createFarmClient(url)
  const password = randomBytes(9).toString('base64url')
  // Its own word, not an answer on the port: that might be another demo's cloud.
  await cloud.line((line) => (line.includes('listening on') ? true : undefined))
  const setupCode = await cloud.line((line) => /set-up code[^A-Z0-9]*([A-Z0-9-]{6,})/i.exec(line)?.[1])
  tell('The cloud is up; setting up the farm.')
  await client.setUp(setupCode, LOGIN, password, '王 Wang')
  await client.logIn(LOGIN, password)
  await setUpSunriseFarm(client, now)

  const line = await openLine(cloudPort)
  const ports = await simulator.line((text) => (text.startsWith('{') ? JSON.parse(text) : undefined))
  const tokenFile = join(dir, 'bridge.token')
  writeFileSync(tokenFile, tokens.bridge, { mode: 0o600 })
  const config = nodeConfigFor(ports, {
    houses: HOUSES.map(({ id, name }) => ({ id, name, timeZone: TIME_ZONE })),
    cloudUrl: `http://127.0.0.1:${line.port}`,
    dataDir: join(dir, 'edge'),
    mqttPort,
    httpPort,
    bridgeTokenFile: tokenFile,
    tokenSha256: Object.fromEntries(Object.entries(tokens).map(([user, secret]) => [user, sha256(secret)])),
  })
  const nodeEnv = { ...onSmallBoard, FLOCKWISE_CONFIG: writeJson(join(dir, 'farm.json'), config) }
  const edgeEnv = { ...nodeEnv, FLOCKWISE_ENROL_CODE: await client.enrolmentCode(FARM) }
  const startEdge = async () => {
    const started = parts.start('edge', 'edge/main.ts', edgeEnv)
    await reachable(`http://127.0.0.1:${httpPort}/health`)
    return started
  }
  const startBridge = () => parts.start('bridge', 'firmware-bridge/main.ts', nodeEnv)
  let edge = await startEdge()
  let bridge = startBridge()
  tell('Edge and bridge are up; three weeks of history are on their way.')

  const controlUrl = `http://127.0.0.1:${ports.control}`
  return {
    id: FARM,
    url,
    login: LOGIN,
    password,
    client,
    line,
    simulatorUrl: controlUrl,
    died: parts.died,
    edge: () => edge,
    cloud: () => cloud,
    async setFault(house, fault, on) {
      const response = await fetch(`${controlUrl}/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ house, fault, on }),
      })
      if (!response.ok) throw new Error(`the simulator refused ${fault}: ${await response.text()}`)
    },
    async live() {
      // As the page does it: while somebody watches, the edge sends at once.
      const watched = await client.live(FARM)
      const deadline = Date.now() + LIVE_WITHIN_MS
      try {
        while (!(await isLive(client, historyDays))) {
          if (Date.now() > deadline) throw new Error('the page did not become live within two minutes')
          await pause(250)
        }
      } finally {
        await watched.body?.cancel()
      }
    },
    async cutPower() {
      await Promise.all([parts.drop(edge, 'kill'), parts.drop(bridge, 'kill')])
    },
    async restorePower() {
      edge = await startEdge()
      bridge = startBridge()
    },
    stopCloud: () => parts.drop(cloud, 'stop'),
    async startCloud() {
      cloud = startCloud()
      await reachable(`${url}/healthz`)
    },
    async close() {
      await parts.stopAll()
      await line.close()
    },
  }
}

const LIVE_WITHIN_MS = 2 * MINUTE

/** A token made for this run, for each user of the broker. */
function makeTokens(): Record<string, string> & { bridge: string } {
  const token = () => randomBytes(18).toString('base64url')
  const devices = HOUSES.flatMap(({ id }) => [`${id}-esp`, `${id}-zigbee`])
  const users = Object.fromEntries(['logger', ...devices].map((user) => [user, token()]))
  return { ...users, bridge: token() }
}

function writeJson(file: string, value: unknown): string {
  writeFileSync(file, JSON.stringify(value, null, 2), { mode: 0o600 })
  return file
}

/** Whether every house shows all its live metrics fresh, a thermal picture included, and its history. */
async function isLive(client: FarmClient, historyDays: number): Promise<boolean> {
  const overview = await client.overview(FARM)
  const wanted = ['air.temperature', 'air.humidity', 'air.nh3', 'air.co2', 'thermal.max']
  const fresh = overview.houses.every(({ latest }) =>
    wanted.every((metric) =>
      latest.some((value) => value.metric === metric && overview.t - value.t < MINUTE),
    ),
  )
  if (!fresh || historyDays === 0) return fresh
  if (overview.edges.some(({ backlog }) => backlog > 500)) return false
  const from = overview.t - historyDays * DAY
  const charts = await Promise.all(
    overview.houses.map(({ id }) => client.chart(FARM, id, 'air.temperature', from, overview.t, historyDays)),
  )
  // Every day of the history is there in every house.
  return charts.every((lines) => lines.some(({ t }) => t.length >= historyDays))
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
