// What 64 serial lines cost the bridge: a real bridge process, lines at 115,200 baud of noise and frames over
// sockets as a serial device server gives them, and a broker that notes when each picture and load arrives.
// Beside it: how often noise passes for a reading in the formats without a checksum.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Aedes } from 'aedes'
import { decodeThermalFrame } from '#domain/frame.ts'
import { parseTopic } from '#domain/topics.ts'
import type { LoadDefinition } from '../../firmware-bridge/devices/definition.ts'
import { devices, findDevice } from '../../firmware-bridge/devices/index.ts'
import { type Figure, projectRoot } from '../figures.ts'
import { createBenchLine } from './bridge-line.ts'
import { falseReadings } from './false-readings.ts'

const BYTES_PER_SECOND = 115_200 / 10
/** A USB adapter hands its bytes over every 16 ms. */
const TICK_MS = 16
const WARM_UP_MS = 4000
/** 64 lines: scales of every framing, and thermal arrays; every other byte is noise except on the eight `clean`. */
const kinds = [
  { model: 'xk3190', lines: 16 },
  { model: 'toledo-checksum', lines: 16 },
  { model: 'and', lines: 8 },
  { model: 'line-scale', lines: 8 },
  { model: 'gy-mcu90640', lines: 8 },
  { model: 'gy-mcu90640', lines: 8, clean: true },
] as const

export const bridge: Figure = {
  name: 'bridge',
  summary: '64 serial lines of noise and frames: processor time, last byte to MQTT, false readings of noise',
  keys: ['linesCpuPercent', 'byteToMqttP99Ms', 'falseReadingsPer10MBytes'],
  run: async ({ full, say }) => {
    say('noise against the formats without a checksum')
    const unchecked = devices.filter(
      (device): device is LoadDefinition => device.kind === 'load' && !isChecked(device),
    )
    const falseOnes = Object.fromEntries(
      unchecked.map((device) => [device.model, falseReadings(device, 10_000_000)]),
    )
    const seconds = full ? 120 : 20
    say(`64 lines for ${seconds} s`)
    const measured = await measureLines(seconds)
    return { ...measured, falseReadingsPer10MBytes: falseOnes }
  },
}

/** A format with a checksum loses a frame of which one digit was changed. */
function isChecked(device: LoadDefinition): boolean {
  const framer = device.createFramer()
  framer.push(device.encode({ grams: 0 }))
  const bytes = device.encode({ grams: 111_111 })
  bytes[bytes.indexOf('1'.charCodeAt(0))] = '2'.charCodeAt(0)
  return framer.push(bytes).every(({ kind }) => kind !== 'frame')
}

async function measureLines(seconds: number) {
  const folder = await mkdtemp(join(tmpdir(), 'flockwise-bridge-'))
  const sentAt = new Map<string, number>()
  const delays: number[] = []
  let isCounting = false
  const broker = await startBroker((key) => {
    const at = sentAt.get(key)
    if (at === undefined) return
    sentAt.delete(key)
    if (isCounting) delays.push(performance.now() - at)
  })
  const lines = kinds.flatMap(({ model, lines: count, ...more }) =>
    Array.from({ length: count }, (_, index) =>
      createBenchLine(findDevice(model) ?? unknown(model), index, 'clean' in more, (key) =>
        sentAt.set(key, performance.now()),
      ),
    ),
  )
  const servers = await Promise.all(lines.map((line) => listen(line.onClient)))
  let child: ChildProcess | undefined
  try {
    await writeFile(join(folder, 'token'), 'token')
    const config = configFor(lines, servers.map(portOf), portOf(broker.server))
    await writeFile(join(folder, 'node.json'), JSON.stringify(config))
    child = spawn(process.execPath, [join(projectRoot, 'firmware-bridge/main.ts')], {
      env: { ...process.env, FLOCKWISE_CONFIG: join(folder, 'node.json') },
      stdio: 'ignore',
    })
    await Promise.all(lines.map((line) => line.connected))
    const startedAt = performance.now()
    let sentBytes = 0
    const timer = setInterval(() => {
      const wanted = ((performance.now() - startedAt) / 1000) * BYTES_PER_SECOND
      for (const line of lines) sentBytes += line.sendUpTo(wanted)
    }, TICK_MS)
    await pause(WARM_UP_MS)
    const before = { cpu: cpuSeconds(child.pid), bytes: sentBytes }
    isCounting = true
    const own = monitorEventLoopDelay({ resolution: 1 })
    own.enable()
    await pause(seconds * 1000)
    const after = { cpu: cpuSeconds(child.pid), bytes: sentBytes }
    clearInterval(timer)
    own.disable()
    // Time as the lines' bytes measure it: a busy machine that falls behind makes no cheaper line.
    const lineSeconds = (after.bytes - before.bytes) / (lines.length * BYTES_PER_SECOND)
    delays.sort((a, b) => a - b)
    return {
      n: delays.length,
      linesCpuPercent: (100 * (after.cpu - before.cpu)) / lineSeconds,
      byteToMqttP99Ms: quantile(delays, 0.99),
      byteToMqttP50Ms: quantile(delays, 0.5),
      /** How late this process itself was, which sends and receives: a busy machine shows here. */
      ownDelayP99Ms: own.percentile(99) / 1e6,
      lines: lines.length,
      lineSeconds,
    }
  } finally {
    if (child?.exitCode === null) {
      child.kill('SIGTERM')
      await once(child, 'close')
    }
    for (const line of lines) line.close()
    for (const server of servers) server.close()
    await broker.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Tells of every thermal picture by its number, which is its ambient temperature. */
async function startBroker(onPicture: (key: string) => void) {
  const broker = await Aedes.createBroker()
  broker.authorizePublish = (_client, { topic, payload }, done) => {
    const address = parseTopic(topic)
    if (address?.channel === 'frame') {
      const frame = decodeThermalFrame(Buffer.from(payload))
      if (frame) onPicture(`${address.device}/${frame.ambientCentiC}`)
    }
    done(null)
  }
  const server = await listen((socket) => void broker.handle(socket))
  return {
    server,
    async close() {
      server.close()
      await new Promise<void>((resolve) => broker.close(() => resolve()))
    },
  }
}

function configFor(lines: readonly { id: string; model: string }[], ports: readonly number[], mqtt: number) {
  const host = '127.0.0.1'
  return {
    houses: [{ id: 'h1', name: 'House 1', timeZone: 'Asia/Shanghai' }],
    edge: { dataDir: '.', mqtt: { host, port: mqtt }, http: { host, port: 0 } },
    bridge: { mqttUrl: `mqtt://${host}:${mqtt}`, user: 'bridge', tokenFile: 'token' },
    users: [{ id: 'bridge', tokenSha256: '0'.repeat(64), bridge: true }],
    links: lines.map(({ id, model }, index) => ({
      id,
      via: { type: 'tcp', host, port: ports[index] },
      devices: [{ id, house: 'h1', model }],
    })),
    mqttDevices: [],
    outputs: [],
  }
}

async function listen(onClient: Parameters<typeof createServer>[1] & object): Promise<Server> {
  const server = createServer({ noDelay: true }, onClient)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** User and system time of a process, from the kernel: hundredths of a second. */
function cpuSeconds(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const unknown = (model: string): never => {
  throw new Error(`there is no device "${model}"`)
}
