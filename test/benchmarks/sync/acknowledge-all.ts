// A process of its own: acknowledges every MQTT packet and does nothing with it. What the load reaches against this
// is the load's own limit.
import { type AddressInfo, createServer } from 'node:net'

const CONNECT = 1
const CONNACK = Buffer.from([0x20, 2, 0, 0])

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const out = Buffer.allocUnsafe(bytes.length)
    let length = 0
    let at = 0
    while (at + 2 <= bytes.length) {
      // All packets of the load are shorter than 16,384 bytes: at most two bytes of length.
      const low = bytes[at + 1] as number
      const isLong = low > 0x7f
      const body = isLong ? (low & 0x7f) + 128 * (bytes[at + 2] ?? 0) : low
      const bodyAt = at + (isLong ? 3 : 2)
      if (bodyAt + body > bytes.length) break
      if ((bytes[at] as number) >> 4 === CONNECT) length += CONNACK.copy(out, length)
      else {
        const idAt = bodyAt + 2 + bytes.readUInt16BE(bodyAt)
        out[length++] = 0x40
        out[length++] = 2
        out[length++] = bytes[idAt] as number
        out[length++] = bytes[idAt + 1] as number
      }
      at = bodyAt + body
    }
    rest = bytes.subarray(at)
    if (length > 0) socket.write(out.subarray(0, length))
  })
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.once('disconnect', () => process.exit(0))
