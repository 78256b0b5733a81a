// A process of its own: MQTT clients that publish QoS 1 as fast as they are acknowledged, at most `inFlight` each.
// Lean on purpose, so that the broker and not this is what is measured: packets are made once, and of each copy only
// the packet id, the time and one digit of the value are written anew.
import { connect } from 'node:net'
import { topicFor } from '#domain/topics.ts'

export type LoadOptions = {
  port: number
  user: string
  token: string
  clients: { house: string; device: string }[]
  inFlight: number
  warmUpMs: number
  measureMs: number
}

export type LoadResult = {
  messagesPerSecond: number
  /** All of them, those of the warm-up too. */
  acknowledged: number
  /** Of one core, by this process itself. */
  ownCpuPercent: number
}

/** What each client's device measures: one message brings one value, each metric in its turn. */
const metrics = {
  'air.temperature': 21.4,
  'air.humidity': 55.3,
  'air.nh3': 4.6,
  'air.co2': 1500,
}

const CONNECT = 0x10
const PUBLISH_QOS_1 = 0x32
const PUBACK = 0x40
const ACK_BYTES = 4
const CONNACK_BYTES = 4

type Template = { bytes: Buffer; idAt: number; timeAt: number; digitAt: number }

function templateFor(topic: string, metric: string, value: number, t: number): Template {
  const text = `{"t":${t},"values":{"${metric}":${value}}}`
  const bytes = packet(PUBLISH_QOS_1, [field(topic), Buffer.alloc(2), Buffer.from(text)])
  const payloadAt = bytes.length - text.length
  return { bytes, idAt: payloadAt - 2, timeAt: payloadAt + '{"t":'.length, digitAt: bytes.length - 3 }
}

/** MQTT 3.1.1 §2.2: type and flags, the length of the rest in 7 bits a byte, the rest. */
function packet(head: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const length = [body.length & 0x7f]
  for (let left = body.length >> 7; left > 0; left >>= 7) {
    length[length.length - 1] = (length.at(-1) as number) | 0x80
    length.push(left & 0x7f)
  }
  return Buffer.concat([Buffer.from([head, ...length]), body])
}

/** §1.5.3: two bytes of length before the text. */
function field(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

/** §3.1: protocol 4, with user and password, a clean session, no keep-alive. */
function connectPacket(id: string, user: string, token: string): Buffer {
  const flags = Buffer.from([4, 0b1100_0010, 0, 0])
  return packet(CONNECT, [field('MQTT'), flags, field(id), field(user), field(token)])
}

/** Adds 1 to the 13 decimal digits at `at`. */
function countUp(bytes: Buffer, at: number): void {
  for (let place = at + 12; ; place--) {
    const digit = (bytes[place] as number) + 1
    if (digit <= 0x39) {
      bytes[place] = digit
      return
    }
    bytes[place] = 0x30
  }
}

function startClient(
  { port, user, token, inFlight }: LoadOptions,
  { house, device }: LoadOptions['clients'][number],
  onAcknowledged: (count: number) => void,
): { connected: Promise<void>; begin(): void; close(): void } {
  const topic = topicFor(house, device, 'readings')
  const templates = Object.entries(metrics).map(([metric, value]) =>
    templateFor(topic, metric, value, Date.now()),
  )
  const longest = Math.max(...templates.map(({ bytes }) => bytes.length))
  let id = 0
  let turn = 0
  const send = (count: number) => {
    const out = Buffer.allocUnsafe(count * longest)
    let length = 0
    for (let message = 0; message < count; message++) {
      const { bytes, idAt, timeAt, digitAt } = templates[turn] as Template
      id = id === 0xffff ? 1 : id + 1
      bytes[idAt] = id >> 8
      bytes[idAt + 1] = id & 0xff
      bytes[digitAt] = 0x30 + (id % 10)
      countUp(bytes, timeAt)
      bytes.copy(out, length)
      length += bytes.length
      turn = turn + 1 === templates.length ? 0 : turn + 1
    }
    socket.write(out.subarray(0, length))
  }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the broker closed the connection')))
    socket.once('connect', () => socket.write(connectPacket(`load-${device}`, user, token)))
    socket.once('data', (bytes: Buffer) => {
      if (bytes.length !== CONNACK_BYTES || bytes[3] !== 0) {
        reject(new Error(`no login: ${bytes.toString('hex')}`))
        return
      }
      socket.on('data', takeAcknowledgements)
      resolve()
    })
  })
  let place = 0
  const takeAcknowledgements = (bytes: Buffer) => {
    let acknowledged = 0
    for (const byte of bytes) {
      if (place === 0 && byte !== PUBACK) throw new Error(`0x${byte.toString(16)} is no acknowledgement`)
      place = (place + 1) % ACK_BYTES
      if (place === 0) acknowledged++
    }
    onAcknowledged(acknowledged)
    if (acknowledged > 0 && !socket.destroyed) send(acknowledged)
  }
  return { connected, begin: () => send(inFlight), close: () => socket.destroy() }
}

async function publishLoad(options: LoadOptions): Promise<LoadResult> {
  let acknowledged = 0
  const clients = options.clients.map((client) =>
    startClient(options, client, (count) => {
      acknowledged += count
    }),
  )
  await Promise.all(clients.map((client) => client.connected))
  for (const client of clients) client.begin()
  await pause(options.warmUpMs)
  const from = { acknowledged, at: performance.now(), cpu: process.cpuUsage() }
  await pause(options.measureMs)
  const seconds = (performance.now() - from.at) / 1000
  const { user, system } = process.cpuUsage(from.cpu)
  for (const client of clients) client.close()
  return {
    acknowledged,
    messagesPerSecond: (acknowledged - from.acknowledged) / seconds,
    ownCpuPercent: (user + system) / 1e4 / seconds,
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

process.once('message', (options) => {
  publishLoad(options as LoadOptions).then(
    (result) => process.send?.(result, () => process.exit(0)),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
