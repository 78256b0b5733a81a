import type { Wants } from '#domain/sync.ts'

/**
 * What the cloud wants of a farm's edges, with a version that changes when it does. Versions rise for ever:
 * each start of the service begins above all earlier ones, so an edge never mistakes an old answer for a new.
 */
export type WantsBoard = {
  /** Something that `compose` looks at changed: wakes those who wait. */
  changed(farm: string): void
  /** Answers at once when the version is another, else when it changes; undefined when it does not in `waitMs`. */
  wait(farm: string, version: number, waitMs: number, gone: AbortSignal): Promise<Wants | undefined>
  /** Answers all who wait; from now on nobody does. */
  close(): void
}

/** Starts of the service that fit: a safe integer has 53 bits. */
const VERSIONS_PER_START = 2 ** 32

export function createWantsBoard(
  start: number,
  compose: (farm: string) => Promise<Omit<Wants, 'version'>>,
): WantsBoard {
  const versions = new Map<string, number>()
  const waiting = new Map<string, Set<() => void>>()
  let isClosed = false
  const versionOf = (farm: string) => versions.get(farm) ?? start * VERSIONS_PER_START
  const wake = (farm: string) => {
    for (const resume of waiting.get(farm) ?? []) resume()
  }

  const change = (farm: string, waitMs: number, gone: AbortSignal) =>
    new Promise<void>((resolve) => {
      const resumes = waiting.get(farm) ?? new Set()
      const resume = () => {
        clearTimeout(timer)
        gone.removeEventListener('abort', resume)
        resumes.delete(resume)
        if (resumes.size === 0) waiting.delete(farm)
        resolve()
      }
      const timer = setTimeout(resume, waitMs)
      gone.addEventListener('abort', resume)
      waiting.set(farm, resumes.add(resume))
    })

  return {
    changed(farm) {
      versions.set(farm, versionOf(farm) + 1)
      wake(farm)
    },
    async wait(farm, version, waitMs, gone) {
      const mayWait = waitMs > 0 && !gone.aborted && !isClosed
      if (version === versionOf(farm) && mayWait) await change(farm, waitMs, gone)
      // The version first: what changes while we compose is then asked for once more, never missed.
      const now = versionOf(farm)
      if (now === version) return undefined
      return { version: now, ...(await compose(farm)) }
    },
    close() {
      isClosed = true
      for (const farm of [...waiting.keys()]) wake(farm)
    },
  }
}
