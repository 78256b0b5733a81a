import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Part, type PartOptions, startPart } from '../../demo/part.ts'

/** A process that is started again when it ends by itself, as systemd does it, and killed when a fault wants it. */
export type KeptUp = {
  start(): Part
  /** With -9; it stays down until it is started. */
  kill(): Promise<void>
  /** Asks it to end. True when it did so itself. */
  stop(): Promise<boolean>
  /** One after the other: `work` finds the process up or down as the one before left it. */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** Kills it, for good. */
  close(): Promise<void>
  /** How often it ended without having been asked, with its last lines. */
  ends(): readonly string[]
}

export type KeptUpOptions = Omit<PartOptions, 'onDeath'> & {
  /** Called before each start. */
  onStart(): void
  /** False for the microseconds in which it must not be killed; asked while it is stopped. */
  isKillable?(): boolean
}

const RESTART_MS = 500
const GRACE_MS = 10_000

export function keepUp({ onStart, isKillable = () => true, ...options }: KeptUpOptions): KeptUp {
  let part: Part | undefined
  let isWanted = false
  let isClosed = false
  const ends: string[] = []
  let turn: Promise<unknown> = Promise.resolve()

  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work)
    turn = result.catch(() => {})
    return result
  }
  const start = () => {
    if (isClosed) throw new Error(`${options.name} is closed`)
    isWanted = true
    onStart()
    part = startPart({ ...options, onDeath })
    return part
  }
  const kill = async () => {
    isWanted = false
    while (part && !part.exited() && stopProcess(part.pid) && !isKillable()) {
      process.kill(part.pid, 'SIGCONT')
      await sleep(1)
    }
    await part?.kill()
  }
  function onDeath(code: number | null, lastLines: string): void {
    ends.push(`${options.name} ended with ${code}: ${lastLines.trim().split('\n').slice(-2).join(' / ')}`)
    alone(async () => {
      await sleep(RESTART_MS)
      if (isWanted && part?.exited()) start()
    }).catch((error) => ends.push(String(error)))
  }

  return {
    start,
    kill,
    async stop() {
      isWanted = false
      const from = performance.now()
      await part?.stop(GRACE_MS)
      return performance.now() - from < GRACE_MS
    },
    alone,
    async close() {
      isClosed = true
      await kill()
    },
    ends: () => ends,
  }
}

/** Returns when its main thread, which does the writing, stands still; false when it is gone. */
function stopProcess(pid: number): boolean {
  try {
    process.kill(pid, 'SIGSTOP')
    for (;;) {
      // The state stands behind the name, which is in brackets: man 5 proc.
      const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0]
      if (state === 'T') return true
      if (state === 'Z' || state === 'X') return false
    }
  } catch {
    return false
  }
}
