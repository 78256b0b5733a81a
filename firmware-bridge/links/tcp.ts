import { createConnection } from 'node:net'
import type { LinkConfig } from '#domain/config.ts'
import type { Connect } from './link.ts'

type TcpConfig = Extract<LinkConfig, { type: 'tcp' | 'modbus-tcp' | 'nut' }>

/** Asks a peer that says nothing whether it is still there. */
const KEEP_ALIVE_MS = 10_000

/** A serial device server (bytes of a serial line over a bare TCP connection), a Modbus TCP device, or a NUT server. */
export const connectTcp =
  ({ host, port }: TcpConfig): Connect =>
  (events) => {
    const socket = createConnection({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    })
    let reason = 'peer closed the connection'
    socket.on('connect', events.opened)
    socket.on('data', events.bytes)
    socket.on('error', (error) => {
      reason = error.message
    })
    socket.on('close', () => events.closed(reason))
    return { write: (bytes) => void socket.write(bytes), close: () => socket.destroy() }
  }
