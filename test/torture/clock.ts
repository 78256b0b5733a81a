import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { compilePreload } from './preload.ts'

/** The clock of one process, which may be wrong. */
export type MovableClock = {
  /** For the process whose clock it is. */
  env: Record<string, string>
  error(): number
  /** The least that it was in the last so many ms: how far behind the process may have been when it answered. */
  lowestError(withinMs: number): number
  /** By so many ms; 0 is right. */
  move(errorMs: number): void
  close(): void
}

/** Undefined where clock.c cannot be compiled. `file` holds the error, and the process reads it there. */
export function createClock(file: string): MovableClock | undefined {
  const preload = compilePreload('clock')
  if ('why' in preload) return undefined
  let error = 0
  /** Errors that are past, and when they ended. */
  const past: { error: number; endedAt: number }[] = []
  const bytes = Buffer.alloc(8)
  writeFileSync(file, bytes)
  const handle = openSync(file, 'r+')
  return {
    env: { LD_PRELOAD: preload.file, FLOCKWISE_TEST_CLOCK: file },
    error: () => error,
    lowestError(withinMs) {
      const from = performance.now() - withinMs
      return Math.min(error, ...past.filter(({ endedAt }) => endedAt >= from).map((one) => one.error))
    },
    move(errorMs) {
      past.push({ error, endedAt: performance.now() })
      error = errorMs
      bytes.writeBigInt64LE(BigInt(errorMs))
      writeSync(handle, bytes, 0, bytes.length, 0)
    },
    close: () => closeSync(handle),
  }
}

/** Environments as one: what is preloaded is added up. */
export function joinEnv(...all: (Record<string, string> | undefined)[]): Record<string, string> {
  const preloads = all.flatMap((env) => env?.['LD_PRELOAD'] ?? [])
  const joined = Object.assign({}, ...all) as Record<string, string>
  return preloads.length > 0 ? { ...joined, LD_PRELOAD: preloads.join(':') } : joined
}
