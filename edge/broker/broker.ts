import { createServer, type Socket } from 'node:net'
import { Aedes, type Client, type PublishPacket } from 'aedes'
import type { NodeConfig } from '#domain/config.ts'
import { MAX_MESSAGE_BYTES } from '#domain/topics.ts'
import type { Counters } from '../counters.ts'
import { createLoginCheck } from './logins.ts'
import { createPacketBound } from './packet-bound.ts'
import { type Rights, type Route, rightsByUser } from './rights.ts'

/**
 * The house's MQTT door. It is a door and not an exchange: what a client publishes goes to `onMessage` and to
 * nobody else, and only the edge's own commands are handed out. So no client can read another, and one that
 * stops reading holds nobody up.
 */
export type Broker = {
  /** The port that it got. */
  port: number
  /** Hands a command to whoever may have it, QoS 1, not retained. */
  publish(topic: string, payload: string | Uint8Array): void
  /**
   * Reads on from clients whose messages nobody has acknowledged yet: the store is down, and what they say is to be
   * judged all the same.
   */
  readOn(): void
  clients(): number
  /** Somebody is logged in as this user now. */
  isConnected(user: string): boolean
  close(): Promise<void>
}

export type BrokerDeps = {
  config: NodeConfig
  counters: Counters
  /** `done` sends the acknowledgement. */
  onMessage(route: Route, topic: string, payload: Buffer, done: () => void): void
  /** Somebody listens to this topic from now on. */
  onSubscribed(filter: string): void
}

const MAX_CLIENTS = 512
/** A gateway needs one, a device that lost its line a second: more is a device that runs wild. */
const MAX_CLIENTS_OF_USER = 32
/** Connections that have not logged in yet. */
const MAX_STRANGERS = 64
const CONNECT_TIMEOUT_MS = 5_000
/** A CONNECT packet without a will is well below. */
const MAX_STRANGER_BYTES = 16_384
/** Topic and packet id come on top of the payload. */
const MAX_PACKET_BYTES = MAX_MESSAGE_BYTES + 1_024
/** Messages of one client read at once although those before them wait. */
const READ_ON = 256
/** A subscriber whose socket takes nothing for this long is cut off. */
const DRAIN_TIMEOUT_MS = 5_000
/** Dead peers without a keep-alive of their own are found by TCP's. */
const TCP_KEEPALIVE_MS = 30_000

type Login = { user: string; rights: Rights }

/** What a client publishes went to `onMessage` (authorizePublish): it enters no exchange, which would cost as much again. */
class Door extends Aedes {
  /** As aedes calls it: with the client that publishes; for what we publish ourselves, without. */
  override publish(packet: PublishPacket, from: Client | Done, done?: Done): void {
    if (typeof from === 'function') super.publish(packet, from)
    else done?.()
  }
}
type Done = (error?: Error) => void

export async function openBroker({ config, counters, onMessage, onSubscribed }: BrokerDeps): Promise<Broker> {
  const isLogin = createLoginCheck(config.users)
  const rights = rightsByUser(config)
  const logins = new WeakMap<Client, Login>()
  const clientsOf = new Map<string, number>()
  const strangers = new Set<Socket>()
  const sockets = new Set<Socket>()

  const aedes = new Door({
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    maxTopicLevels: 20,

    preConnect(_client, packet, done) {
      // No sessions outlive a connection: nothing is queued for an absent client, commands are repeated instead.
      packet.clean = true
      done(null, true)
    },

    authenticate(client, user = '', token, done) {
      const own = rights.get(user)
      if (!own || !token || !isLogin(user, token)) {
        counters.count('mqtt.login-failed', `user "${printable(user)}" from ${addressOf(client)}`)
        done(null, false)
        return
      }
      const ofUser = (clientsOf.get(user) ?? 0) + 1
      if (ofUser > MAX_CLIENTS_OF_USER) {
        counters.count(
          'mqtt.too-many-clients',
          `user "${printable(user)}" has ${MAX_CLIENTS_OF_USER} already`,
        )
        done(null, false)
        return
      }
      clientsOf.set(user, ofUser)
      client.conn.once('close', () => clientsOf.set(user, (clientsOf.get(user) ?? 1) - 1))
      // A client id belongs to its user: nobody can push another's client out by taking its id.
      client.id = `${user}/${client.id}`
      logins.set(client, { user, rights: own })
      strangers.delete(client.conn as Socket)
      done(null, true)
    },

    authorizePublish(client, packet, done) {
      const login = client && logins.get(client)
      const route = login?.rights.publish(packet.topic)
      if (!route) {
        counters.count('mqtt.foreign-topic', `user "${login?.user ?? ''}" to ${printable(packet.topic)}`)
        // MQTT 3.1.1 knows no refusal: without an acknowledgement, and the connection ends.
        done(new Error('topic not allowed'))
        return
      }
      packet.retain = false
      if (route.kind === 'unlisted') {
        counters.count('mqtt.unlisted-topic', `user "${login?.user ?? ''}" to ${printable(packet.topic)}`)
        done()
        return
      }
      onMessage(route, packet.topic, bufferOf(packet), done)
    },

    authorizeSubscribe(client, subscription, done) {
      const login = logins.get(client)
      if (login?.rights.subscribe(subscription.topic)) {
        done(null, subscription)
        return
      }
      counters.count(
        'mqtt.subscription-refused',
        `user "${login?.user ?? ''}" to ${printable(subscription.topic)}`,
      )
      done(null, null)
    },

    authorizeForward(client, packet) {
      return logins.get(client)?.rights.receive(packet.topic) ? packet : null
    },
  })
  await aedes.listen()
  aedes.on('subscribe', (subscriptions) => {
    for (const { topic } of subscriptions) onSubscribed(topic)
  })
  for (const event of ['clientError', 'connectionError'] as const) {
    aedes.on(event, (client, error) => {
      if (!ownRefusals.has(error.message)) {
        counters.count('mqtt.protocol-error', `${addressOf(client)}: ${error.message}`)
      }
    })
  }

  const server = createServer((socket) => {
    // The oldest gives way: idle strangers do not keep a device from logging in.
    const [oldest] = strangers.size >= MAX_STRANGERS ? strangers : []
    if (oldest) {
      counters.count('mqtt.too-many-clients', `from ${oldest.remoteAddress}: ${strangers.size} not logged in`)
      oldest.destroy()
      strangers.delete(oldest)
    }
    strangers.add(socket)
    sockets.add(socket)
    socket.once('close', () => {
      strangers.delete(socket)
      sockets.delete(socket)
    })
    socket.setNoDelay(true)
    socket.setKeepAlive(true, TCP_KEEPALIVE_MS)
    boundPackets(
      socket,
      () => (strangers.has(socket) ? MAX_STRANGER_BYTES : MAX_PACKET_BYTES),
      () => counters.count('mqtt.too-large', `from ${socket.remoteAddress}`),
    )
    aedes.handle(socket)
  })
  server.maxConnections = MAX_CLIENTS
  server.on('drop', (data) => counters.count('mqtt.too-many-clients', `from ${data?.remoteAddress}`))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.edge.mqtt.port, config.edge.mqtt.host, resolve)
  })
  const address = server.address()

  return {
    port: typeof address === 'object' && address ? address.port : 0,
    publish(topic, payload) {
      const bytes = typeof payload === 'string' ? payload : Buffer.from(payload)
      const packet = { cmd: 'publish', topic, payload: bytes, qos: 1, retain: false, dup: false } as const
      aedes.publish(packet, () => {})
    },
    readOn() {
      // aedes reads the next bytes when as many messages are done as it has read; each `readable` counts as one.
      for (const socket of sockets)
        for (let count = 0; count < READ_ON && !socket.destroyed; count++) socket.emit('readable')
    },
    clients: () => aedes.connectedClients,
    isConnected: (user) => (clientsOf.get(user) ?? 0) > 0,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await new Promise<void>((resolve) => aedes.close(resolve))
      for (const socket of strangers) socket.destroy()
      await closed
    },
  }
}

const ownRefusals = new Set(['topic not allowed', 'not authorized', 'drain timeout'])

/** aedes pulls every byte through `read`: the one place to look before anything is collected. */
function boundPackets(socket: Socket, limit: () => number, onTooLarge: () => void): void {
  const fits = createPacketBound(limit)
  const read = socket.read.bind(socket)
  socket.read = (size) => {
    const chunk = read(size)
    if (!chunk || fits(chunk)) return chunk
    onTooLarge()
    socket.destroy()
    return null
  }
}

function bufferOf({ payload }: PublishPacket): Buffer {
  return typeof payload === 'string' ? Buffer.from(payload) : payload
}

function addressOf(client: Client): string {
  return (client.conn as Socket).remoteAddress ?? 'a closed connection'
}

/** What a stranger sent, safe for one line of a log. */
function printable(text: string): string {
  return JSON.stringify(text.slice(0, 80)).slice(1, -1)
}
