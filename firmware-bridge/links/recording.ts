import { createWriteStream } from 'node:fs'
import type { Clock } from '#domain/time.ts'

/**
 * A recording of what came over a line, one chunk a line: `{"t":1718000000123,"hex":"022b30…"}`.
 * `t` is in milliseconds; only differences count.
 */
export type RecordedChunk = { t: number; bytes: Uint8Array }

export function writeChunk({ t, bytes }: RecordedChunk): string {
  return `{"t":${t},"hex":"${Buffer.from(bytes).toString('hex')}"}\n`
}

/** Undefined when the line is not a chunk. */
export function readChunk(line: string): RecordedChunk | undefined {
  const { t, hex } = parse(line)
  if (typeof t !== 'number' || !Number.isFinite(t) || typeof hex !== 'string') return undefined
  if (hex.length % 2 === 1 || /[^0-9a-f]/i.test(hex)) return undefined
  return { t, bytes: new Uint8Array(Buffer.from(hex, 'hex')) }
}

function parse(line: string): { t?: unknown; hex?: unknown } {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

export type Recorder = { add(bytes: Uint8Array): void; close(): Promise<void> }

/** Appends to a file; a file that cannot be written ends the recording, not the bridge. */
export function createRecorder(file: string, clock: Clock, onError: (message: string) => void): Recorder {
  const stream = createWriteStream(file, { flags: 'a' })
  stream.on('error', (error) => onError(`recording ${file}: ${error.message}`))
  return {
    add(bytes) {
      if (stream.writable) stream.write(writeChunk({ t: clock.now(), bytes }))
    },
    close: () =>
      new Promise((resolve) => {
        if (stream.closed || stream.errored) resolve()
        else stream.once('close', resolve).end()
      }),
  }
}
