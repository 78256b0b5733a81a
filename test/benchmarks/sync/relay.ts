import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** The line between edge and cloud: a TCP relay that counts every byte and, if wanted, takes its time. */
export type Relay = {
  port: number
  /** Bytes in both directions, of TCP's payload: TLS and all that is in it. */
  bytes(): { up: number; down: number }
  /** Connections that were opened so far. */
  connections(): number
  close(): Promise<void>
}

/** `delayMs`: of every byte, each way; half the round trip. No limit to what is on its way at once. */
export async function openRelay(targetPort: number, delayMs = 0): Promise<Relay> {
  const sockets = new Set<Socket>()
  const bytes = { up: 0, down: 0 }
  let connections = 0
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    connections++
    const far = connect({ port: targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    forward(near, far, 'up')
    forward(far, near, 'down')
  })
  const forward = (from: Socket, to: Socket, direction: keyof typeof bytes) => {
    sockets.add(from)
    const later = (work: () => void) => {
      // Timers of one length run in the order in which they were set.
      if (delayMs > 0) setTimeout(work, delayMs)
      else work()
    }
    from.on('data', (chunk: Buffer) => {
      bytes[direction] += chunk.length
      later(() => to.writable && to.write(chunk))
    })
    from.on('end', () => later(() => to.end()))
    from.on('error', () => later(() => to.destroy()))
    from.on('close', () => {
      sockets.delete(from)
      later(() => to.destroy())
    })
  }
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => ({ ...bytes }),
    connections: () => connections,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
