import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** One of the programs that make up a farm, running as a process of its own. */
export type Part = {
  name: string
  pid: number
  /** Resolves with the first line on stdout or stderr that `pick` makes something of; rejects when the part ends first. */
  line<T>(pick: (line: string) => T | undefined, withinMs?: number): Promise<T>
  /** As a power cut does it. */
  kill(): Promise<void>
  /** Asks it to end, and kills it after `graceMs`. */
  stop(graceMs?: number): Promise<void>
  exited(): boolean
}

/** Keeps what Node made of each source, so that the next start is quicker and smaller. */
const compileCache = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node-compile') }

/** How the units and images in deploy/ start what runs in the coop: docs/decisions/edge-memory.md. */
export const onSmallBoard = { NODE_OPTIONS: '--max-semi-space-size=16 --max-old-space-size=128' }

export type PartOptions = {
  name: string
  /** Path from the project's root. */
  main: string
  env: Record<string, string>
  logFile: string
  /** Called when it ends without having been asked to. */
  onDeath?: (code: number | null, lastLines: string) => void
}

export function startPart({ name, main, env, logFile, onDeath }: PartOptions): Part {
  const log = createWriteStream(logFile, { flags: 'a' })
  const child: ChildProcess = spawn(process.execPath, [main], {
    cwd: root,
    env: { ...process.env, ...compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const listeners = new Set<(line: string) => void>()
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    stream.pipe(log, { end: false })
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > 500) lines.shift()
      for (const listener of listeners) listener(line)
    })
  }
  let asked = false
  const gone = once(child, 'exit').then(([code]) => {
    log.end()
    if (!asked) onDeath?.(code as number | null, lines.slice(-8).join('\n'))
    return code as number | null
  })
  const exited = () => child.exitCode !== null || child.signalCode !== null

  return {
    name,
    pid: child.pid ?? -1,
    exited,
    line: (pick, withinMs = 30_000) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void) => {
          clearTimeout(timer)
          listeners.delete(listen)
          settle()
        }
        const failed = (why: string) => () =>
          reject(new Error(`${name} ${why}; it last said:\n${lines.slice(-8).join('\n')}`))
        const listen = (line: string) => {
          const found = pick(line)
          if (found !== undefined) finish(() => resolve(found))
        }
        const timer = setTimeout(
          () => finish(failed(`did not get ready within ${withinMs / 1000} s`)),
          withinMs,
        )
        for (const line of lines) listen(line)
        listeners.add(listen)
        gone.then((code) => finish(failed(`ended with ${code}`)))
      }),
    async kill() {
      asked = true
      child.kill('SIGKILL')
      await gone
    },
    async stop(graceMs = 4000) {
      if (exited()) return
      asked = true
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await gone
      clearTimeout(timer)
    },
  }
}
