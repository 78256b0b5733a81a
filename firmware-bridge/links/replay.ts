import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LinkConfig } from '#domain/config.ts'
import type { Clock } from '#domain/time.ts'
import type { Connect, ConnectionEvents } from './link.ts'
import { readChunk } from './recording.ts'

type ReplayConfig = Extract<LinkConfig, { type: 'replay' }>

/** A recording, at its own pace or `speed` times as fast. At its end it closes, and so begins anew. */
export const connectReplay =
  ({ file, speed = 1 }: ReplayConfig, clock: Clock): Connect =>
  (events) => {
    const stop = new AbortController()
    play(file, speed, clock, events, stop.signal).then(
      (reason) => events.closed(reason),
      (error: unknown) => events.closed(error instanceof Error ? error.message : String(error)),
    )
    return { write() {}, close: () => stop.abort() }
  }

/** Resolves with why it ended. */
async function play(
  file: string,
  speed: number,
  clock: Clock,
  events: ConnectionEvents,
  signal: AbortSignal,
): Promise<string> {
  const handle = await open(file)
  try {
    events.opened()
    const startedAt = clock.monotonic()
    let firstT: number | undefined
    let number = 0
    for await (const line of handle.readLines()) {
      signal.throwIfAborted()
      number++
      if (line.trim() === '') continue
      const chunk = readChunk(line)
      if (!chunk) return `${file} line ${number} is not {"t":ms,"hex":"…"}`
      firstT ??= chunk.t
      const aheadMs = (chunk.t - firstT) / speed - (clock.monotonic() - startedAt)
      if (aheadMs > 0) await sleep(aheadMs, undefined, { signal })
      events.bytes(chunk.bytes)
    }
    return 'end of the recording'
  } finally {
    await handle.close()
  }
}
