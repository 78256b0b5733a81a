import { SECOND } from '#domain/time.ts'

const POLL_MS = SECOND
/** A device that was silent this often in a row is asked less and less, but its fan contact must not wait long. */
const SILENT_AFTER = 3
const LONGEST_POLL_MS = 5 * SECOND

/**
 * When to ask a device next, `failures` in a row behind it: every second, and a silent one every 2, 4,
 * 5 s, for each question to it keeps the others on the bus waiting for a time-out.
 */
export function pollAfterMs(failures: number): number {
  if (failures < SILENT_AFTER) return POLL_MS
  return Math.min(LONGEST_POLL_MS, POLL_MS * 2 ** (failures - SILENT_AFTER + 1))
}
