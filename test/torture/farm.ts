import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { NodeConfig } from '#domain/config.ts'
import { startInflux, type TestInflux } from '../../cloud/test/start-influx.ts'
import { createFarmClient, type FarmClient } from '../../demo/farm-client.ts'
import { onSmallBoard } from '../../demo/part.ts'
import { freePort, reachable } from '../../demo/ports.ts'
import { mountSmallDisk, type SmallDisk } from '../../edge/test/small-disk.ts'
import { createClock, joinEnv, type MovableClock } from './clock.ts'
import { type Device, SPOKEN, startDevice } from './device.ts'
import type { LineFault } from './fault-kinds.ts'
import { type FaultyLine, openFaultyLine } from './faulty-line.ts'
import { type KeptUp, keepUp } from './kept-up.ts'
import { type PowerCut, watchFolder } from './power-cut.ts'
import { type Random, randomFrom } from './random.ts'
import { readingsOfInflux, readingsOfSqlite, type Stored } from './readings-of.ts'

export type TortureEdge = {
  process: KeptUp
  devices: Device[]
  line: FaultyLine
  power: PowerCut | undefined
  clock: MovableClock | undefined
  disk: SmallDisk | undefined
}

/** A cloud and its edges, each a process of its own, with what is between and beneath them in our hands. */
export type TortureFarm = {
  cloud: KeptUp
  cloudPower: PowerCut | undefined
  influx: TestInflux | undefined
  edges: TortureEdge[]
  /** All readings of the devices that are in the cloud's store. Rejects while it cannot be read. */
  stored(): Promise<Stored[]>
  close(): Promise<void>
}

export type TortureFarmOptions = {
  /** An empty folder, its path without links. */
  dir: string
  random: Random
  withInflux: boolean
  /** The edges' disks say they have synced and have not: tries the harness itself. */
  isLying: boolean
  onLineFault(kind: LineFault): void
}

const EDGES = 5
const HOUSES_PER_EDGE = 1
const DEVICES_PER_HOUSE = 2
const DISK_KILOBYTES = 64 * 1024
const TOKEN = 'a token of this test alone'

export async function startTortureFarm(options: TortureFarmOptions): Promise<TortureFarm> {
  const { dir, withInflux } = options
  const closers: (() => unknown)[] = []
  const closeAll = async () => {
    const failed: unknown[] = []
    for (const closeOne of closers.splice(0).reverse()) {
      await Promise.resolve()
        .then(closeOne)
        .catch((error) => failed.push(error))
    }
    if (failed.length > 0) throw new AggregateError(failed, 'the farm did not close whole')
  }
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= closeAll()
    return closing
  }
  try {
    const influx = withInflux ? await startInflux() : undefined
    if (influx) closers.push(influx.close)
    const cloudPort = await freePort(0)
    const cloudDir = join(dir, 'cloud')
    const cloudPower = watchFolder({ folder: cloudDir, journal: join(dir, 'cloud.journal') })
    const cloud = keepUp({
      name: 'cloud',
      main: 'cloud/main.ts',
      logFile: join(dir, 'cloud.log'),
      env: joinEnv(cloudPower?.env, influx && influxEnv(dir, influx), {
        FLOCKWISE_HOST: '127.0.0.1',
        FLOCKWISE_PORT: String(cloudPort),
        FLOCKWISE_DATA_DIR: cloudDir,
        FLOCKWISE_LOG: 'warn',
      }),
      onStart: () => cloudPower?.restarted(),
      isKillable: () => cloudPower?.isKillable() ?? true,
    })
    closers.push(cloud.close)
    const client = await setUpCloud(cloud, `http://127.0.0.1:${cloudPort}`)
    closers.push(keepWatching(client))

    const edges: TortureEdge[] = []
    for (let i = 0; i < EDGES; i++)
      edges.push(await startEdge(i, client, cloudPort, options, (closeOne) => closers.push(closeOne)))

    return {
      cloud,
      cloudPower,
      influx,
      edges,
      stored: async () =>
        influx
          ? readingsOfInflux(influx.options, SPOKEN)
          : readingsOfSqlite(join(cloudDir, 'cloud.sqlite'), SPOKEN),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function influxEnv(dir: string, { options }: TestInflux): Record<string, string> {
  const passwordFile = join(dir, 'influx.password')
  writeFileSync(passwordFile, options.password)
  return {
    FLOCKWISE_INFLUX_URL: options.url,
    FLOCKWISE_INFLUX_DATABASE: options.database,
    FLOCKWISE_INFLUX_USER: options.user,
    FLOCKWISE_INFLUX_PASSWORD_FILE: passwordFile,
  }
}

const house = (edge: number, i: number) => `h${edge * HOUSES_PER_EDGE + i + 1}`

async function setUpCloud(cloud: KeptUp, url: string): Promise<FarmClient> {
  const code = await cloud.start().line((line) => /set-up code[^A-Z0-9]*([A-Z0-9-]{6,})/i.exec(line)?.[1])
  await reachable(`${url}/healthz`)
  const client = createFarmClient(url)
  await client.setUp(code, 'tester@farm.example', 'correct horse battery', 'Tester')
  await client.logIn('tester@farm.example', 'correct horse battery')
  await client.addFarm({ id: 'farm', name: 'Farm', timeZone: 'Asia/Shanghai' })
  for (let i = 0; i < EDGES * HOUSES_PER_EDGE; i++)
    await client.addHouse('farm', { id: house(0, i), name: `House ${i + 1}`, timeZone: 'Asia/Shanghai' })
  return client
}

/**
 * Somebody looks at the farm's page all the time, so that edges send at once and not once a minute; and at a house's
 * every few seconds, which an edge is told of: so it also learns again, after a cut, that it is watched. Returns
 * how to stop.
 */
function keepWatching(client: FarmClient): () => void {
  const ended = new AbortController()
  const look = async (house?: string, forMs?: number) => {
    const body = (await client.live('farm', house)).body
    const reader = body?.getReader()
    const close = () => void reader?.cancel().catch(() => {})
    ended.signal.addEventListener('abort', close, { once: true })
    const timer = forMs === undefined ? undefined : setTimeout(close, forMs)
    try {
      while (reader && !(await reader.read()).done);
    } finally {
      clearTimeout(timer)
      ended.signal.removeEventListener('abort', close)
    }
  }
  const repeat = async (pauseMs: number, ...args: Parameters<typeof look>) => {
    while (!ended.signal.aborted) {
      // The cloud may be away.
      await look(...args).catch(() => {})
      await sleep(pauseMs)
    }
  }
  void repeat(200)
  void repeat(1500, house(0, 0), 1500)
  return () => ended.abort()
}

async function startEdge(
  index: number,
  client: FarmClient,
  cloudPort: number,
  { dir, random, isLying, onLineFault }: TortureFarmOptions,
  onClose: (close: () => unknown) => void,
): Promise<TortureEdge> {
  const name = `edge-${index + 1}`
  const dataDir = join(dir, name)
  mkdirSync(dataDir)
  const disk = mountSmallDisk(dataDir, DISK_KILOBYTES)
  if (disk) onClose(disk.close)
  const line = await openFaultyLine({
    cloudPort,
    random: randomFrom(Math.floor(random() * 2 ** 31)),
    onFault: onLineFault,
  })
  onClose(line.close)
  const power = watchFolder({ folder: dataDir, journal: join(dir, `${name}.journal`), isLying })
  const clock = createClock(join(dir, `${name}.clock`))
  if (clock) onClose(clock.close)

  const mqttPort = await freePort(0)
  const httpPort = await freePort(0)
  const places = Array.from({ length: HOUSES_PER_EDGE }, (_, i) => house(index, i)).flatMap((houseId) =>
    Array.from({ length: DEVICES_PER_HOUSE }, (_, i) => ({ house: houseId, id: `${houseId}-d${i + 1}` })),
  )
  const config: NodeConfig = {
    houses: [...new Set(places.map(({ house: id }) => id))].map((id) => ({
      ...{ id, name: id, timeZone: 'Asia/Shanghai' },
    })),
    cloud: { url: `http://127.0.0.1:${line.port}` },
    edge: {
      dataDir,
      mqtt: { host: '127.0.0.1', port: mqttPort },
      http: { host: '127.0.0.1', port: httpPort },
    },
    bridge: { mqttUrl: `mqtt://127.0.0.1:${mqttPort}`, user: 'bridge', tokenFile: join(dir, 'unused') },
    users: [{ id: 'bridge', tokenSha256: createHash('sha256').update(TOKEN).digest('hex'), bridge: true }],
    links: [
      {
        id: 'bus',
        via: { type: 'tcp', host: '127.0.0.1', port: 1 },
        devices: places.map((place, i) => ({ ...place, model: 'louver-shield', unit: i + 1 })),
      },
    ],
    mqttDevices: [],
    outputs: [],
  }
  const configFile = join(dir, `${name}.json`)
  writeFileSync(configFile, JSON.stringify(config))
  const process = keepUp({
    name,
    main: 'edge/main.ts',
    logFile: join(dir, `${name}.log`),
    env: joinEnv(power?.env, clock?.env, onSmallBoard, {
      FLOCKWISE_CONFIG: configFile,
      FLOCKWISE_ENROL_CODE: await client.enrolmentCode('farm'),
    }),
    onStart: () => power?.restarted(),
    isKillable: () => power?.isKillable() ?? true,
  })
  onClose(process.close)
  process.start()
  await untilConnected(`http://127.0.0.1:${httpPort}/health`)

  const devices = places.map((place) => {
    const seed = Math.floor(random() * 2 ** 31)
    return startDevice({ ...place, mqttPort, token: TOKEN, random: randomFrom(seed), clock })
  })
  for (const device of devices) onClose(device.close)
  return { process, devices, line, power, clock, disk }
}

/** Enrolment has tests of its own: the torture begins when the cloud knows the edge. */
async function untilConnected(healthUrl: string): Promise<void> {
  await reachable(healthUrl)
  for (let tries = 0; tries < 300; tries++) {
    const health = (await (await fetch(healthUrl)).json()) as { sync?: { edge?: string } }
    if (health.sync?.edge !== undefined) return
    await sleep(100)
  }
  throw new Error(`the edge at ${healthUrl} did not enrol within 30 s`)
}
