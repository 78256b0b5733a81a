/**
 * Sees a packet that is too large before it is in memory: it reads along with the bytes of one connection and
 * knows from each fixed header how much is still to come. MQTT 3.1.1 §2.2:
 *
 * ```
 *  0      type and flags
 *  1 … 4  remaining length: 7 bits each, low ones first, bit 7 says that another byte follows
 *  …      that many bytes
 * ```
 *
 * Returns a function that takes the next chunk and is false when a packet announces more than `limit()` bytes
 * or a length of more than four bytes.
 */
export function createPacketBound(limit: () => number): (chunk: Uint8Array) => boolean {
  /** Bytes of the body still to come; -1 before the first header byte. */
  let body = -1
  let length = 0
  let lengthBytes = 0
  return (chunk) => {
    let at = 0
    while (at < chunk.length) {
      if (body > 0) {
        const skipped = Math.min(body, chunk.length - at)
        at += skipped
        body -= skipped
        if (body === 0) body = -1
        continue
      }
      if (body === -1) {
        at++
        body = 0
        length = 0
        lengthBytes = 0
        continue
      }
      const byte = chunk[at++] as number
      length += (byte & 0x7f) * 128 ** lengthBytes
      lengthBytes++
      if (length > limit() || (lengthBytes === 4 && byte > 0x7f)) return false
      if (byte <= 0x7f) body = length === 0 ? -1 : length
    }
    return true
  }
}
