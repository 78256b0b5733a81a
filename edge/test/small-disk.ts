import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** A disk of its own, in memory, that a test may fill. */
export type SmallDisk = { fill(): void; makeRoom(): void; close(): void }

/** Undefined where this user may not mount one. */
export function mountSmallDisk(folder: string, kilobytes: number): SmallDisk | undefined {
  mkdirSync(folder, { recursive: true })
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder], {
      stdio: 'ignore',
    })
  } catch {
    return undefined
  }
  const filling = join(folder, 'filling')
  return {
    fill() {
      const file = openSync(filling, 'a')
      try {
        for (;;) writeSync(file, Buffer.alloc(4096))
      } catch {
        // Full.
      } finally {
        closeSync(file)
      }
    },
    makeRoom: () => rmSync(filling, { force: true }),
    close: () => execFileSync('/bin/umount', [folder], { stdio: 'ignore' }),
  }
}
