import type { Random } from '../random.ts'

/** One byte in so many begins a burst, as when a motor starts beside the cable. */
const BYTES_PER_BURST = 600
const BURST_BYTES = 5
/** Inside a burst, of each byte. */
const FLIP = 0.6
const DROP = 0.2
const INSERT = 0.2

/** A disturbed serial line: flips bits, drops bytes, inserts bytes. */
export function createLineNoise(random: Random): (bytes: Uint8Array) => Uint8Array {
  let quiet = random.wait(BYTES_PER_BURST)
  let burst = 0
  return (bytes) => {
    const out: number[] = []
    for (const byte of bytes) {
      if (burst <= 0) {
        out.push(byte)
        if (--quiet > 0) continue
        burst = 1 + random.wait(BURST_BYTES)
        quiet = random.wait(BYTES_PER_BURST)
        continue
      }
      burst--
      const chance = random.uniform()
      if (chance < FLIP) out.push(byte ^ (1 << Math.floor(random.between(0, 8))))
      else if (chance >= FLIP + DROP) out.push(byte)
      if (chance >= 1 - INSERT) out.push(Math.floor(random.between(0, 256)))
    }
    return Uint8Array.from(out)
  }
}
