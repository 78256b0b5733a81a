import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DAY, localDay, MINUTE } from '#domain/time.ts'
import { nodeConfigFor } from '../firmware-bridge/simulator/node-config.ts'
import { createFarmClient, type FarmClient, newId } from './farm-client.ts'
import { type Line, openLine } from './line.ts'
import { onSmallBoard, type Part, startPart } from './part.ts'
import { freePort, reachable } from './ports.ts'

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
  killEdge(): Promise<void>
  startEdge(): Promise<void>
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
}

const FARM = 'sunrise'
const TIME_ZONE = 'Asia/Shanghai'
const AGE_DAYS = 24
const HOUSES = [
  { id: 'h1', name: '一号鸡舍 House 1', breed: 'ross-308-2022', birds: 20_000, floorM2: 1300 },
  { id: 'h2', name: '二号鸡舍 House 2', breed: 'cobb-500-2022', birds: 16_000, floorM2: 1100 },
]

export async function startWholeFarm({
  dir,
  port,
  host,
  historyDays,
  tell,
}: WholeFarmOptions): Promise<WholeFarm> {
  mkdirSync(dir, { recursive: true })
  const parts = new Set<Part>()
  let reportDeath: (why: string) => void = () => {}
  const died = new Promise<string>((resolve) => {
    reportDeath = resolve
  })
  const start = (name: string, main: string, env: Record<string, string>): Part => {
    const logFile = join(dir, `${name}.log`)
    const onDeath = (code: number | null, lines: string) =>
      reportDeath(`${name} ended by itself (${code}):\n${lines}`)
    const part = startPart({ name, main, env, logFile, onDeath })
    parts.add(part)
    return part
  }

  const cloudPort = await freePort(port, host)
  const startCloudPart = () =>
    start('cloud', 'cloud/main.ts', {
      FLOCKWISE_HOST: host,
      FLOCKWISE_PORT: String(cloudPort),
      FLOCKWISE_DATA_DIR: join(dir, 'cloud'),
    })
  let cloud = startCloudPart()
  const url = `http://127.0.0.1:${cloudPort}`
  const client = createFarmClient(url)
  const setupCode = await cloud.line((line) => /set-up code[^A-Z0-9]*([A-Z0-9-]{6,})/i.exec(line)?.[1])
  await reachable(`${url}/healthz`)
  tell('The cloud is up; setting up the farm.')

  const login = 'farmer@sunrise.example'
  const password = randomBytes(9).toString('base64url')
  const now = Date.now()
  const placedOn = localDay(now - AGE_DAYS * DAY, TIME_ZONE)
  await client.setUp(setupCode, login, password, '王 Wang')
  await client.logIn(login, password)
  await client.addFarm({ id: FARM, name: '日出农场 Sunrise Farm', timeZone: TIME_ZONE })
  for (const { id, name, floorM2 } of HOUSES)
    await client.addHouse(FARM, { id, name, timeZone: TIME_ZONE, floorM2 })
  for (const house of HOUSES) await fillBooks(client, house, placedOn, now)
  const enrolCode = await client.enrolmentCode(FARM)

  const line = await openLine(cloudPort)
  const mqttPort = await freePort(0, '127.0.0.1')
  const mqttUrl = `mqtt://127.0.0.1:${mqttPort}`
  const httpPort = await freePort(0, '127.0.0.1')
  const token = () => randomBytes(18).toString('base64url')
  const tokens: Record<string, string> = { bridge: token(), logger: token() }
  for (const { id } of HOUSES) {
    tokens[`${id}-esp`] = token()
    tokens[`${id}-zigbee`] = token()
  }
  const simulatorConfig = join(dir, 'simulator.json')
  writeFileSync(
    simulatorConfig,
    JSON.stringify({
      seed: 7,
      houses: HOUSES.map(({ id, breed, birds }) => ({ id, breed, birds, placedOn, timeZone: TIME_ZONE })),
      mqtt: { url: mqttUrl, users: tokens },
      historyDays,
    }),
    { mode: 0o600 },
  )
  const simulator = start('simulator', 'firmware-bridge/simulator/main.ts', {
    FLOCKWISE_SIMULATOR: simulatorConfig,
  })
  const ports = await simulator.line((text) => (text.startsWith('{') ? JSON.parse(text) : undefined))

  const tokenFile = join(dir, 'bridge.token')
  writeFileSync(tokenFile, tokens['bridge'] ?? '', { mode: 0o600 })
  const configFile = join(dir, 'farm.json')
  const config = nodeConfigFor(ports, {
    houses: HOUSES.map(({ id, name }) => ({ id, name, timeZone: TIME_ZONE })),
    cloudUrl: `http://127.0.0.1:${line.port}`,
    dataDir: join(dir, 'edge'),
    mqttPort,
    httpPort,
    bridgeTokenFile: tokenFile,
    tokenSha256: Object.fromEntries(Object.entries(tokens).map(([user, secret]) => [user, sha256(secret)])),
  })
  writeFileSync(configFile, JSON.stringify(config, null, 2))
  const edgeEnv = { ...onSmallBoard, FLOCKWISE_CONFIG: configFile, FLOCKWISE_ENROL_CODE: enrolCode }
  const startEdgePart = () => start('edge', 'edge/main.ts', edgeEnv)
  const startBridgePart = () =>
    start('bridge', 'firmware-bridge/main.ts', { ...onSmallBoard, FLOCKWISE_CONFIG: configFile })
  let edge = startEdgePart()
  await reachable(`http://127.0.0.1:${httpPort}/health`)
  let bridge = startBridgePart()
  tell('Edge and bridge are up; three weeks of history are on their way.')

  const drop = async (part: Part, how: 'kill' | 'stop') => {
    await part[how]()
    parts.delete(part)
  }
  const controlUrl = `http://127.0.0.1:${ports.control}`
  return {
    id: FARM,
    url,
    login,
    password,
    client,
    line,
    simulatorUrl: controlUrl,
    died,
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
      const deadline = Date.now() + 120_000
      while (!(await isLive(client, historyDays))) {
        if (Date.now() > deadline) throw new Error('the page did not become live within two minutes')
        await pause(250)
      }
    },
    async cutPower() {
      await Promise.all([drop(edge, 'kill'), drop(bridge, 'kill')])
    },
    async restorePower() {
      edge = startEdgePart()
      await reachable(`http://127.0.0.1:${httpPort}/health`)
      bridge = startBridgePart()
    },
    stopCloud: () => drop(cloud, 'stop'),
    async startCloud() {
      cloud = startCloudPart()
      await reachable(`${url}/healthz`)
    },
    killEdge: () => drop(edge, 'kill'),
    async startEdge() {
      edge = startEdgePart()
      await reachable(`http://127.0.0.1:${httpPort}/health`)
    },
    async close() {
      await Promise.all([...parts].map((part) => part.stop()))
      await line.close()
    },
  }
}

/** A flock with the books that three weeks leave behind. */
async function fillBooks(
  client: FarmClient,
  house: (typeof HOUSES)[number],
  placedOn: string,
  now: number,
): Promise<void> {
  const flock = newId()
  await client.addFlock(FARM, {
    id: flock,
    house: house.id,
    breed: house.breed,
    sex: 'as-hatched',
    placedOn,
    placed: house.birds,
  })
  for (let age = 1; age <= AGE_DAYS; age++) {
    const at = now - (AGE_DAYS - age) * DAY
    const common = { day: localDay(at, TIME_ZONE), at }
    // 1 % in the first week, 0.06 % a day after it: what a good flock loses.
    const birds = Math.max(
      1,
      Math.round(house.birds * (age <= 7 ? 0.0014 : 0.0006) * (0.8 + ((age * 37) % 10) / 25)),
    )
    await client.addEntry(FARM, flock, { ...common, id: newId(), kind: 'died', birds, cause: 'unknown' })
    if (age % 5 === 1) {
      const kg = Math.round(house.birds * 0.02 * (age + 4))
      await client.addEntry(FARM, flock, { ...common, id: newId(), kind: 'feed', kg })
    }
  }
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
