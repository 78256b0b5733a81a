import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/**
 * A serial line behind a serial device server: what the devices say goes to every client; what a client says
 * goes to the devices. A client that does not read misses bytes, as on a real line; it holds up nobody.
 */
export type LineServer = {
  port: number
  /** One frame to every client. Nothing when the line is silent or cut. */
  send(bytes: Uint8Array): void
  condition: LineCondition
  /** Closes the connections and refuses new ones, or opens the same port again. */
  setCut(cut: boolean): Promise<void>
  state(): LineState
  close(): Promise<void>
}

export type LineCondition = { noisy: boolean; silent: boolean }
export type LineState = LineCondition & {
  port: number
  cut: boolean
  clients: number
  frames: number
  bytes: number
  /** Frames that a slow client missed. */
  missed: number
}

export type LineServerOptions = {
  /** 0: any free one. */
  port: number
  disturb: (bytes: Uint8Array) => Uint8Array
  /** A new client: gives what to do with its bytes. `reply` sends to it alone. */
  onClient?: (reply: (bytes: Uint8Array) => void) => (bytes: Uint8Array) => void
}

const HOST = '127.0.0.1'
/** A device server's buffer for one client. */
const BUFFER_BYTES = 64 * 1024
const REOPEN_MS = 250

/** Listens on 127.0.0.1. Rejects when the port is taken. */
export async function openLineServer({
  port: wanted,
  disturb,
  onClient,
}: LineServerOptions): Promise<LineServer> {
  const condition: LineCondition = { noisy: false, silent: false }
  const sockets = new Set<Socket>()
  const counts = { frames: 0, bytes: 0, missed: 0 }
  let cut = false
  let closed = false

  const sendTo = (socket: Socket, bytes: Uint8Array) => {
    if (condition.silent || !socket.writable) return
    if (socket.writableLength > BUFFER_BYTES) {
      counts.missed++
      return
    }
    const said = condition.noisy ? disturb(bytes) : bytes
    counts.frames++
    counts.bytes += said.length
    if (said.length > 0) socket.write(said)
  }

  const accept = (socket: Socket) => {
    if (cut || closed) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => sockets.delete(socket))
    // A client that vanishes is closed like one that leaves.
    socket.on('error', () => socket.destroy())
    const hear = onClient?.((bytes) => sendTo(socket, bytes))
    socket.on('data', (bytes) => {
      if (!condition.silent) hear?.(condition.noisy ? disturb(bytes) : bytes)
    })
  }

  let server = await listen(wanted, accept)
  const { port } = server.address() as AddressInfo

  const hangUp = async () => {
    for (const socket of sockets) socket.destroy()
    if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()))
  }

  return {
    port,
    condition,
    send(bytes) {
      for (const socket of sockets) sendTo(socket, bytes)
    },
    async setCut(wish) {
      if (wish === cut) return
      cut = wish
      if (cut) return hangUp()
      while (!cut && !closed) {
        try {
          server = await listen(port, accept)
          return
        } catch {
          // Somebody holds the port for a moment: wait for it.
          await new Promise((resolve) => setTimeout(resolve, REOPEN_MS))
        }
      }
    },
    state: () => ({ port, cut, ...condition, clients: sockets.size, ...counts }),
    close() {
      closed = true
      return hangUp()
    },
  }
}

async function listen(port: number, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer(accept)
  server.listen(port, HOST)
  await once(server, 'listening')
  return server
}
