import { HOUR, MINUTE, SECOND } from '#domain/time.ts'
import type { EdgeStore } from './edge-store.ts'

export type TidyingDeps = {
  store: Pick<EdgeStore, 'tidy' | 'freshReadings'>
  /** Milliseconds since an arbitrary start. */
  monotonic(): number
  /** The store did not take it: it is tried again. */
  onFailed(error: unknown): void
}

const EVERY_MS = 1 * SECOND
const RETRY_MS = 1 * MINUTE
/** Readings are sealed after this time even where they are few. */
const SEAL_MS = 1 * HOUR

/** Keeps the store in order while the edge works. Close it before the store. */
export function openTidying({ store, monotonic, onFailed }: TidyingDeps): { close(): Promise<void> } {
  let isClosed = false
  let sealedAt = monotonic()
  let timer: NodeJS.Timeout | undefined

  const tidy = async () => {
    const sealAll = monotonic() - sealedAt >= SEAL_MS
    const before = store.freshReadings()
    let pauseMs = EVERY_MS
    try {
      while (!isClosed && (await store.tidy({ sealAll })) === 'more');
      if (sealAll || store.freshReadings() < before) sealedAt = monotonic()
    } catch (error) {
      onFailed(error)
      pauseMs = RETRY_MS
    }
    schedule(pauseMs)
  }
  let running = Promise.resolve()
  const schedule = (pauseMs: number) => {
    if (isClosed) return
    timer = setTimeout(() => {
      running = tidy()
    }, pauseMs)
  }
  schedule(EVERY_MS)
  return {
    async close() {
      isClosed = true
      clearTimeout(timer)
      await running
    },
  }
}
