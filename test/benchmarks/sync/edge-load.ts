// What the edge's MQTT door takes: validated and stored before it is acknowledged. Beside it, under the same load,
// bare aedes and Mosquitto, which store nothing before they acknowledge, and the load's own limit.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeConfig } from '#domain/config.ts'
import { onSmallBoard, startPart } from '../../../demo/part.ts'
import { freePort } from '../../../demo/ports.ts'
import { end, message, start } from './child.ts'
import { cpuSeconds, residentMB } from './process-figures.ts'
import type { LoadOptions, LoadResult } from './publish-load.ts'

const CLIENTS = 20
const IN_FLIGHT = 50
const HOUSES = 6
const USER = 'bridge'
const TOKEN = 'a token of this measurement alone'
const WARM_UP_MS = 3000
const RSS_EVERY_MS = 250
/** Where Debian's package has it. */
const MOSQUITTO = '/usr/sbin/mosquitto'

export type EdgeLoad = {
  edgeMessagesPerSecond: number
  ratioToBareAedes: number
  bareAedesMessagesPerSecond: number
  mosquittoMessagesPerSecond: number | null
  mosquittoStores: string
  /** The load against a peer that acknowledges and does nothing else. */
  generatorMessagesPerSecond: number
  /** Of one core, while it drives bare aedes. */
  generatorCpuPercent: number
  /** The largest that was seen under the load. */
  edgeRssMB: number
  /** Processor time of the process: a machine that is busy with other things does not show in it. */
  edgeMicrosPerMessage: number
  bareAedesMicrosPerMessage: number
  edgeRounds: number[]
  bareAedesRounds: number[]
  mosquittoRounds: number[]
  why: Record<string, string>
}

type Peer = { port: number; pid: number; stop(): Promise<void> }
type Round = LoadResult & { rssMB: number; microsPerMessage: number }

/** Every peer is started afresh in each round, in turn, so that a machine that slows down slows all of them. */
export async function measureEdgeLoad(
  rounds: number,
  measureMs: number,
  say: (text: string) => void,
): Promise<EdgeLoad> {
  const results = {
    limit: [] as Round[],
    aedes: [] as Round[],
    edge: [] as Round[],
    mosquitto: [] as Round[],
  }
  const peers = {
    limit: () => startChild(new URL('./acknowledge-all.ts', import.meta.url)),
    aedes: () => startChild(new URL('./bare-aedes.ts', import.meta.url)),
    edge: startEdge,
    mosquitto: startMosquitto,
  }
  const why: Record<string, string> = {}
  for (let round = 1; round <= rounds; round++) {
    for (const name of ['aedes', 'edge', 'mosquitto', 'limit'] as const) {
      if (name in why) continue
      const peer = await peers[name]().catch((error: Error) => {
        if (name !== 'mosquitto') throw error
        why[name] = `it does not start: ${error.message}`
      })
      if (!peer) continue
      try {
        const result = await drive(peer, measureMs)
        results[name].push(result)
        say(
          `  round ${round}, ${name}: ${Math.round(result.messagesPerSecond)} messages/s, ${result.microsPerMessage.toFixed(1)} µs each`,
        )
      } finally {
        await peer.stop()
      }
    }
  }
  const rates = (of: Round[]) => of.map(({ messagesPerSecond }) => Math.round(messagesPerSecond))
  const edge = median(rates(results.edge))
  const aedes = median(rates(results.aedes))
  const mosquitto = rates(results.mosquitto)
  return {
    edgeMessagesPerSecond: edge,
    ratioToBareAedes: edge / aedes,
    bareAedesMessagesPerSecond: aedes,
    mosquittoMessagesPerSecond: mosquitto.length > 0 ? median(mosquitto) : null,
    mosquittoStores: 'in memory only: a file is written every 30 minutes and at its end, never before PUBACK',
    generatorMessagesPerSecond: median(rates(results.limit)),
    generatorCpuPercent: median(results.aedes.map(({ ownCpuPercent }) => ownCpuPercent)),
    edgeRssMB: Math.max(...results.edge.map(({ rssMB }) => rssMB)),
    edgeMicrosPerMessage: median(results.edge.map(({ microsPerMessage }) => microsPerMessage)),
    bareAedesMicrosPerMessage: median(results.aedes.map(({ microsPerMessage }) => microsPerMessage)),
    edgeRounds: rates(results.edge),
    bareAedesRounds: rates(results.aedes),
    mosquittoRounds: mosquitto,
    why: why['mosquitto'] ? { mosquittoMessagesPerSecond: why['mosquitto'] } : {},
  }
}

const clients = Array.from({ length: CLIENTS }, (_, index) => ({
  house: `h${1 + (index % HOUSES)}`,
  device: `device-${index}`,
}))

async function drive({ port, pid }: Peer, measureMs: number): Promise<Round> {
  const options: LoadOptions = {
    port,
    user: USER,
    token: TOKEN,
    clients,
    inFlight: IN_FLIGHT,
    warmUpMs: WARM_UP_MS,
    measureMs,
  }
  const load = start(new URL('./publish-load.ts', import.meta.url))
  const rss: number[] = []
  const timer = setInterval(() => rss.push(residentMB(pid)), RSS_EVERY_MS)
  const cpu = cpuSeconds(pid)
  try {
    load.send(options)
    const result = await message<LoadResult>(load)
    const microsPerMessage = (1e6 * (cpuSeconds(pid) - cpu)) / result.acknowledged
    return { ...result, microsPerMessage, rssMB: Math.max(...rss) }
  } finally {
    clearInterval(timer)
    load.kill()
  }
}

async function startChild(file: URL): Promise<Peer> {
  const child = start(file)
  return { port: await message<number>(child), pid: pidOf(child), stop: () => end(child) }
}

async function startEdge(): Promise<Peer> {
  const dir = await mkdtemp(join(tmpdir(), 'flockwise-edge-load-'))
  const [mqtt, http] = [await freePort(0), await freePort(0)]
  await writeFile(join(dir, 'farm.json'), JSON.stringify(configFor(dir, mqtt, http)))
  const part = startPart({
    name: 'edge',
    main: 'edge/main.ts',
    env: { ...onSmallBoard, FLOCKWISE_CONFIG: join(dir, 'farm.json') },
    logFile: join(dir, 'edge.log'),
  })
  await part.line((line) => (line.includes('edge ready') ? true : undefined))
  return {
    port: mqtt,
    pid: part.pid,
    async stop() {
      await part.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function configFor(dir: string, mqtt: number, http: number): NodeConfig {
  const host = '127.0.0.1'
  return {
    houses: Array.from({ length: HOUSES }, (_, index) => ({
      id: `h${index + 1}`,
      name: `House ${index + 1}`,
      timeZone: 'Asia/Shanghai',
    })),
    edge: { dataDir: join(dir, 'edge'), mqtt: { host, port: mqtt }, http: { host, port: http } },
    bridge: { mqttUrl: `mqtt://${host}:${mqtt}`, user: USER, tokenFile: join(dir, 'unused') },
    users: [{ id: USER, tokenSha256: createHash('sha256').update(TOKEN).digest('hex'), bridge: true }],
    links: [
      {
        id: 'bus',
        via: { type: 'tcp', host, port: 1 },
        devices: clients.map(({ house, device }, index) => ({
          id: device,
          house,
          model: 'louver-shield',
          unit: index + 1,
        })),
      },
    ],
    mqttDevices: [],
    outputs: [],
  }
}

/** Debian's, with persistence as its package sets it up. */
async function startMosquitto(): Promise<Peer> {
  const dir = await mkdtemp(join(tmpdir(), 'flockwise-mosquitto-'))
  const port = await freePort(0)
  const config = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${dir}/`,
    'log_type error',
    // Started by root it becomes a user who may not write there, unless it is told to stay.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ]
  await writeFile(join(dir, 'mosquitto.conf'), `${config.join('\n')}\n`)
  const child = spawn(MOSQUITTO, ['-c', join(dir, 'mosquitto.conf')], { stdio: 'ignore' })
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)))
    setTimeout(resolve, 500)
  })
  return {
    port,
    pid: pidOf(child),
    async stop() {
      await end(child)
      await rm(dir, { recursive: true, force: true })
    },
  }
}

const pidOf = ({ pid }: ChildProcess): number => pid ?? Number.NaN

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
