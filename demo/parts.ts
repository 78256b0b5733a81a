import { join } from 'node:path'
import { type Part, startPart } from './part.ts'

/** The processes of a farm: none outlives it, however it ends. */
export type Parts = {
  start(name: string, main: string, env: Record<string, string>): Part
  /** Ends one of them. `kill` is a power cut. */
  drop(part: Part, how: 'kill' | 'stop'): Promise<void>
  /** Resolves, with the reason, when one ends unasked. */
  died: Promise<string>
  stopAll(): Promise<void>
}

/** Logs go to `dir`, a file for each. */
export function createParts(dir: string): Parts {
  const running = new Set<Part>()
  const { promise: died, resolve: reportDeath } = Promise.withResolvers<string>()
  return {
    died,
    start(name, main, env) {
      const part = startPart({
        name,
        main,
        env,
        logFile: join(dir, `${name}.log`),
        onDeath: (code, lines) => reportDeath(`${name} ended by itself (${code}):\n${lines}`),
      })
      running.add(part)
      return part
    },
    async drop(part, how) {
      await part[how]()
      running.delete(part)
    },
    async stopAll() {
      await Promise.all([...running].map((part) => part.stop()))
    },
  }
}
