import type { Clock } from '#domain/time.ts'
import type { Discarded, Framer } from '../framers/framer.ts'
import type { Answered, ModbusAnswer, ModbusRequest } from '../framers/modbus-pdu.ts'
import { type ModbusWire, rtuWire } from './modbus-wire.ts'

/** From the request to the last byte of its answer, a serial device server's own delay included. */
const ANSWER_WITHIN_MS = 500

export type Outcome = { answer: ModbusAnswer | undefined; discarded: Discarded[] }

/** One question on the line at a time. Never hangs: an answer, or none within `answerWithinMs`. */
export type ModbusMaster = {
  /** `answer` is undefined after a time-out, and at once when the line is closed. Call it one at a time. */
  ask(request: ModbusRequest): Promise<Outcome>
  /** Bytes from the line. What comes when nothing was asked ends the turnaround later, and is dropped. */
  push(bytes: Uint8Array): void
}

type Options = {
  write(bytes: Uint8Array): boolean
  clock: Clock
  wire?: ModbusWire
  answerWithinMs?: number
}

export function createModbusMaster(options: Options): ModbusMaster {
  const { write, clock, wire = rtuWire, answerWithinMs = ANSWER_WITHIN_MS } = options
  let asked:
    | { framer: Framer<Answered>; discarded: Discarded[]; end(answer?: ModbusAnswer): void }
    | undefined
  let lastByteAt = Number.NEGATIVE_INFINITY
  let strayBytes = 0

  /** Waits until the line has been quiet; a line that never is gets asked all the same. */
  async function quiet(): Promise<void> {
    const giveUpAt = clock.monotonic() + answerWithinMs
    for (;;) {
      const now = clock.monotonic()
      const waitMs = Math.min(lastByteAt + wire.turnaroundMs, giveUpAt) - now
      if (waitMs <= 0) return
      await new Promise((resolve) => setTimeout(resolve, Math.ceil(waitMs)))
    }
  }

  return {
    async ask(request) {
      await quiet()
      const discarded: Discarded[] =
        strayBytes > 0 ? [{ kind: 'discarded', reason: 'noise', count: strayBytes }] : []
      strayBytes = 0
      return new Promise<Outcome>((resolve) => {
        const { bytes, framer } = wire.begin(request)
        const end = (answer?: ModbusAnswer) => {
          clearTimeout(timer)
          asked = undefined
          resolve({ answer, discarded })
        }
        const timer = setTimeout(() => {
          for (const event of framer.reset()) if (event.kind === 'discarded') discarded.push(event)
          end()
        }, answerWithinMs)
        asked = { framer, discarded, end }
        lastByteAt = clock.monotonic()
        if (!write(bytes)) end()
      })
    },
    push(bytes) {
      lastByteAt = clock.monotonic()
      if (!asked) {
        strayBytes += bytes.length
        return
      }
      const { framer, discarded, end } = asked
      for (const event of framer.push(bytes)) {
        if (event.kind === 'discarded') discarded.push(event)
        else end(event.frame.answer)
      }
    },
  }
}
