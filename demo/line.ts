import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** The line from the farm to the world, as a TCP relay that can be cut and mended. */
export type Line = {
  /** What the edge is told to be the cloud's address. */
  port: number
  /** Bytes that went through in either direction. */
  bytes(): number
  cut(): void
  mend(): void
  close(): Promise<void>
}

/** Opens a relay on a free loopback port to `targetPort`. A cut line resets what is open and refuses what comes. */
export async function openLine(targetPort: number): Promise<Line> {
  const sockets = new Set<Socket>()
  let up = true
  let bytes = 0
  const server = createServer((near) => {
    if (!up) {
      near.resetAndDestroy()
      return
    }
    const far = connect(targetPort, '127.0.0.1')
    const ends = [near, far]
    for (const [index, end] of ends.entries()) {
      sockets.add(end)
      const other = ends[1 - index] as Socket
      end.on('data', (chunk) => {
        bytes += chunk.length
      })
      end.on('error', () => other.destroy())
      end.on('close', () => {
        sockets.delete(end)
        other.destroy()
      })
    }
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const hangUp = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => bytes,
    cut() {
      up = false
      hangUp()
    },
    mend() {
      up = true
    },
    close() {
      hangUp()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
