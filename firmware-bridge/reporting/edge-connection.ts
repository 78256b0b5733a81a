import { Socket } from 'node:net'
import { connect } from 'mqtt'

/** MQTT to the edge; comes back by itself. */
export type EdgeConnection = {
  connected(): boolean
  /** QoS 1: settles when the edge has acknowledged, even if that takes a new connection. QoS 0: when written. */
  publish(topic: string, payload: string | Uint8Array, qos: 0 | 1, retain?: boolean): Promise<void>
  /** Gives what is under way a moment, then hangs up. */
  close(): Promise<void>
}

export type EdgeConnectionOptions = {
  url: string
  user: string
  token: string
  topics: readonly string[]
  onConnected(): void
  /** `reason` in plain words: refused, wrong token, gone. */
  onTrouble(reason: string): void
  onMessage(topic: string, payload: Uint8Array): void
}

const AGAIN_MS = 1000
/** An edge that lost its power says no good-bye. */
const KEEP_ALIVE_S = 5
const CLOSE_WITHIN_MS = 500

export function connectToEdge(options: EdgeConnectionOptions): EdgeConnection {
  const client = connect(options.url, {
    clientId: `bridge-${options.user}`,
    username: options.user,
    password: options.token,
    clean: true,
    keepalive: KEEP_ALIVE_S,
    reconnectPeriod: AGAIN_MS,
    connectTimeout: KEEP_ALIVE_S * 1000,
    resubscribe: false,
    queueQoSZero: false,
    // A wrong token may be put right at the edge: keep knocking.
    reconnectOnConnackError: true,
  })
  let wasConnected = false
  client.on('connect', () => {
    wasConnected = true
    // Else a picture waits 40 ms for the acknowledgement of what went before it (Nagle, delayed ACK).
    if (client.stream instanceof Socket) client.stream.setNoDelay(true)
    if (options.topics.length > 0) {
      client.subscribe([...options.topics], { qos: 1 }, (error) => {
        if (error) options.onTrouble(`cannot listen for commands: ${error.message}`)
      })
    }
    options.onConnected()
  })
  client.on('error', (error) => {
    // Refused on IPv4 and IPv6 at once has a code and no message.
    options.onTrouble(error.message || ('code' in error ? String(error.code) : error.name))
  })
  client.on('close', () => {
    if (wasConnected) options.onTrouble('the edge is away')
    wasConnected = false
  })
  client.on('message', (topic, payload) => options.onMessage(topic, payload))

  return {
    connected: () => client.connected,
    async publish(topic, payload, qos, retain = false) {
      const bytes =
        typeof payload === 'string'
          ? payload
          : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
      await client.publishAsync(topic, bytes, { qos, retain })
    },
    async close() {
      const gone = client.endAsync(false).catch(() => {})
      // Messages that nobody acknowledges keep it from ending by itself, for ever where the edge is away.
      let late: NodeJS.Timeout | undefined
      const timeout = new Promise<void>((resolve) => {
        late = setTimeout(resolve, CLOSE_WITHIN_MS)
      })
      await Promise.race([gone, timeout])
      clearTimeout(late)
      client.end(true)
    },
  }
}
