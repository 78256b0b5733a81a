import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { WRONG_PASSWORD_WAIT_MS } from './ask.ts'
import { AS_JPEG, scaleTo } from './jpeg-output.ts'
import type { Connect } from './link.ts'

/** Asked to end; a program that hangs is killed. */
const END_WITHIN_MS = 1000
const SHRINK_WITHIN_MS = 10_000
/** Enough of what it says for its last words. */
const MAX_SAID = 4000

const quiet = ['-nostdin', '-hide_banner', '-loglevel', 'error']

/** What ffmpeg is told; `hide` takes secrets out of what it says. Throws with a reason in plain words. */
export type FfmpegOrder = () => { args: readonly string[]; hide(text: string): string }

/**
 * A child process that reads a camera, a microphone or a stream and writes what is wanted to its output. The line is
 * open from the first byte on: a program that runs has not reached its camera yet.
 */
export const connectFfmpeg =
  (order: FfmpegOrder): Connect =>
  (events) => {
    let what: ReturnType<FfmpegOrder>
    try {
      what = order()
    } catch (error) {
      setImmediate(events.closed, error instanceof Error ? error.message : String(error))
      return { write() {}, close() {} }
    }
    const child = spawn('ffmpeg', [...quiet, ...what.args, 'pipe:1'], { stdio: ['ignore', 'pipe', 'pipe'] })
    const said = lastWords(child)
    child.stdout.once('data', events.opened)
    child.stdout.on('data', events.bytes)
    child.on('error', (error) => events.closed(explain(error)))
    child.on('close', (code, signal) => {
      const reason = what.hide(said() || `ffmpeg ended with ${signal ?? code}`)
      if (/\b401\b/.test(reason)) events.closed(reason, WRONG_PASSWORD_WAIT_MS)
      else events.closed(reason)
    })
    return { write() {}, close: () => end(child) }
  }

/** A JPEG not wider than so many pixels. Rejects with a reason in plain words. */
export async function shrinkJpeg(
  jpeg: Uint8Array,
  maxWidth: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const output = ['-vf', scaleTo(maxWidth), '-frames:v', '1', ...AS_JPEG]
  const args = ['-f', 'jpeg_pipe', '-i', 'pipe:0', ...output, 'pipe:1']
  // Not -nostdin: the picture comes in there.
  const child = spawn('ffmpeg', [...quiet.slice(1), ...args], {
    signal: AbortSignal.any([signal, AbortSignal.timeout(SHRINK_WITHIN_MS)]),
    killSignal: 'SIGKILL',
  })
  const said = lastWords(child)
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  // It may end before it has read all; why, it says itself.
  child.stdin.on('error', () => {})
  child.stdin.end(jpeg)
  try {
    const [code] = await once(child, 'close')
    if (code === 0) return new Uint8Array(Buffer.concat(chunks))
  } catch (error) {
    throw new Error(explain(error instanceof Error ? error : new Error(String(error))), { cause: error })
  }
  throw new Error(`the picture cannot be made smaller: ${said()}`)
}

/** By its own process id, and by force when it does not listen. */
function end(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS)
  late.unref()
  child.once('exit', () => clearTimeout(late))
}

function lastWords(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-MAX_SAID)
  })
  return () => text.trim().split('\n').at(-1)?.trim() ?? ''
}

function explain(error: Error): string {
  const isMissing = 'code' in error && error.code === 'ENOENT'
  return isMissing ? 'ffmpeg is not installed: apt-get install ffmpeg' : error.message
}
