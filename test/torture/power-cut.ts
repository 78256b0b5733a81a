import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { createDisk } from './disk.ts'
import { compilePreload } from './preload.ts'
import type { Random } from './random.ts'

/** A folder whose process can lose its power. Call these only while no process has the folder open. */
export type PowerCut = {
  /** For the process that uses the folder. */
  env: Record<string, string>
  /** False in the midst of a change that is not written down yet: then the process is not to be killed. */
  isKillable(): boolean
  /** To be called before a process starts anew: the journal is taken in, and stays small. */
  restarted(): void
  /** Leaves of the folder what a power cut may leave. */
  cut(random: Random): void
  /** Names of files that are not as the journal tells: then a call was missed, and the cut is no honest one. */
  missed(): string[]
}

export type PowerCutOptions = {
  /** Its path without links. What is in it counts as durable. */
  folder: string
  journal: string
  /** Tries the harness itself: a disk that says it has synced and has not. */
  isLying?: boolean
}

/** Undefined where power-cut.c cannot be compiled. */
export function watchFolder({ folder, journal, isLying = false }: PowerCutOptions): PowerCut | undefined {
  const preload = compilePreload('power-cut')
  if ('why' in preload) return undefined
  mkdirSync(folder, { recursive: true })
  const disk = createDisk(readFolder(folder))
  const busyFile = `${journal}.busy`
  writeFileSync(busyFile, '\0')
  const restarted = () => {
    if (!existsSync(journal)) return
    disk.absorb(readFileSync(journal))
    truncateSync(journal)
  }
  return {
    env: {
      LD_PRELOAD: preload.file,
      POWER_CUT_FOLDER: folder,
      POWER_CUT_JOURNAL: journal,
      POWER_CUT_BUSY: busyFile,
      ...(isLying && { POWER_CUT_DISK_LIES: '1' }),
    },
    isKillable: () => readFileSync(busyFile)[0] === 0,
    restarted,
    cut(random) {
      restarted()
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
      for (const [path, content] of disk.cut(random)) {
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, content, { mode: 0o600 })
      }
    },
    missed() {
      restarted()
      const told = disk.files()
      const found = readFolder(folder)
      const all = new Set([...told.keys(), ...found.keys()])
      return [...all].filter((path) => !sameBytes(told.get(path), found.get(path)))
    },
  }
}

function sameBytes(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a !== undefined && b !== undefined && a.equals(b)
}

/** Each file below, but the -shm files of SQLite: they are made anew by whoever opens the database first. */
function readFolder(folder: string): Map<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  return new Map(paths.filter((path) => !path.endsWith('-shm')).map((path) => [path, readFileSync(path)]))
}
