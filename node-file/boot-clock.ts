import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { BootClock } from '#domain/time.ts'

const BOOT_ID = '/proc/sys/kernel/random/boot_id'
const UUID = /^[0-9a-f-]{36}\s*$/

/**
 * This machine's clock. Its monotonic time is that of the kernel (CLOCK_MONOTONIC), which all programs of one start
 * share, in containers too. Where the kernel names no start (not Linux) each program counts as one of its own.
 */
export function openBootClock(bootIdFile = BOOT_ID): BootClock {
  // performance.now() reads the same clock, from the start of the process on.
  const startedAt = Number(process.hrtime.bigint()) / 1e6 - performance.now()
  return {
    boot: readBootId(bootIdFile) ?? randomBytes(8).toString('hex'),
    now: Date.now,
    monotonic: () => startedAt + performance.now(),
  }
}

function readBootId(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8')
    return UUID.test(text) ? text.replaceAll('-', '').slice(0, 16) : undefined
  } catch {
    return undefined
  }
}
