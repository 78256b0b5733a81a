import type { Socket } from 'node:net'
import type { DeviceDefinition } from '../../firmware-bridge/devices/definition.ts'
import { createRandom } from '../../firmware-bridge/simulator/random.ts'

/** One serial line of `bench bridge`: what its device sends, noise between, at the line's own pace. */
export type BenchLine = {
  id: string
  model: string
  onClient(socket: Socket): void
  connected: Promise<void>
  /** Sends what is due when `bytes` have passed since the beginning; how many those were. */
  sendUpTo(bytes: number): number
  close(): void
}

/** Ambient temperatures that a picture may carry: its number, for the way back. */
const PICTURES = 8000

export function createBenchLine(
  definition: DeviceDefinition,
  index: number,
  clean: boolean,
  onPictureSent: (key: string) => void,
): BenchLine {
  const id = `${definition.model}-${clean ? 'clean-' : ''}${index}`
  const random = createRandom(index + 1, id)
  const sockets = new Set<Socket>()
  let connect = () => {}
  const connected = new Promise<void>((resolve) => {
    connect = resolve
  })
  /** What is still to be sent, and the picture whose last byte is among it. */
  let pending: { bytes: Uint8Array; picture?: string }[] = []
  let pendingBytes = 0
  let sent = 0
  let number = 0

  function refill(): void {
    number = (number + 1) % PICTURES
    const frame = encodeNext()
    const picture = definition.kind === 'thermal' && clean ? `${id}/${number}` : undefined
    pending.push({ bytes: frame, ...(picture !== undefined && { picture }) })
    pendingBytes += frame.length
    if (clean) return
    const noise = Uint8Array.from({ length: frame.length }, () => Math.floor(random.between(0, 256)))
    pending.push({ bytes: noise })
    pendingBytes += noise.length
  }

  function encodeNext(): Uint8Array {
    if (definition.kind === 'load') return definition.encode({ grams: 1000 + (number % 5000) })
    if (definition.kind !== 'thermal') return new Uint8Array(0)
    const centiC = new Int16Array(definition.width * definition.height).fill(2500 + (number % 500))
    return definition.encode({ ambientCentiC: number, centiC })
  }

  return {
    id,
    model: definition.model,
    connected,
    onClient(socket) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
      connect()
    },
    sendUpTo(bytes) {
      const due = Math.floor(bytes - sent)
      while (pendingBytes < due) refill()
      const out: Uint8Array[] = []
      const finished: string[] = []
      for (let left = due; left > 0; ) {
        const [first] = pending
        if (!first) break
        const piece = first.bytes.subarray(0, left)
        out.push(piece)
        left -= piece.length
        pendingBytes -= piece.length
        if (piece.length < first.bytes.length) first.bytes = first.bytes.subarray(piece.length)
        else {
          if (first.picture !== undefined) finished.push(first.picture)
          pending = pending.slice(1)
        }
      }
      const chunk = Buffer.concat(out)
      for (const key of finished) onPictureSent(key)
      for (const socket of sockets) socket.write(chunk)
      sent += chunk.length
      return chunk.length
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}
