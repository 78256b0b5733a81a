import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type ChildEdge = {
  mqttPort: number
  httpPort: number
  process: ChildProcess
  /** Sends the signal and gives the exit code, null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const READY = /edge ready: mqtt (\d+), http (\d+)/

/** Starts `main.ts` as a process of its own with this configuration, and gives what it wrote until it ended. */
export function spawnEdge(dir: string, config: unknown, env: Record<string, string> = {}) {
  const file = join(dir, 'node.json')
  writeFileSync(file, JSON.stringify(config))
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, FLOCKWISE_CONFIG: file, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let text = ''
  const exited = new Promise<{ code: number | null; text: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, text }))
  })
  const ready = new Promise<ChildEdge>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const [, mqtt, http] = READY.exec(text) ?? []
      if (!mqtt || !http) return
      resolve({
        mqttPort: Number(mqtt),
        httpPort: Number(http),
        process: child,
        end: async (signal) => {
          child.kill(signal)
          return (await exited).code
        },
      })
    })
    exited.then(({ text: all }) => reject(new Error(`it ended before it was ready:\n${all}`)))
  })
  ready.catch(() => {})
  return { ready, exited }
}
