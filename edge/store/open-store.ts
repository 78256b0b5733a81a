import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, openDatabase } from '#series-store/database.ts'
import { type EdgeStore, edgeMigrations, openEdgeStore } from './edge-store.ts'

const FILE = 'edge.db'
/** Stands while the database is in use: what ends without removing it was cut off, and is checked. */
const IN_USE = 'edge.db.in-use'
const DAMAGED = 'damaged'
/** SQLITE_CORRUPT and SQLITE_NOTADB: https://www.sqlite.org/rescode.html */
const damageCodes: readonly number[] = [11, 26]

export type OpenedStore = {
  store: EdgeStore
  /** Where a damaged database now lies. */
  setAside?: string
}

/**
 * Opens the edge's database in `dataDir`. One that is damaged is renamed, with everything that belongs to it,
 * and a new one started with a new epoch: an edge that measures is worth more than one that will not start.
 * Errors of another kind (no rights, no room) are thrown.
 */
export function openStore(dataDir: string, now: number): OpenedStore {
  mkdirSync(dataDir, { recursive: true })
  const sound = tryOpen(dataDir)
  if (sound) return { store: inUse(dataDir, sound) }
  const name = `${FILE}.damaged-${new Date(now).toISOString().replace(/[:.]/g, '-')}`
  for (const file of readdirSync(dataDir)) {
    if (file === FILE || file === `${FILE}-wal` || file === `${FILE}-shm`) {
      renameSync(join(dataDir, file), join(dataDir, file.replace(FILE, name)))
    }
  }
  const fresh = openEdgeStore(openDatabase(join(dataDir, FILE), edgeMigrations))
  return { store: inUse(dataDir, fresh), setAside: join(dataDir, name) }
}

/** True for an error that says the file itself is damaged, not the disk full or the like. */
export function isDamage(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && damageCodes.includes(Number(error.errcode) & 0xff)
}

/** Has the next start set the database aside, whatever a check then says: damage was seen while it was in use. */
export function markDamaged(dataDir: string): void {
  writeFileSync(join(dataDir, IN_USE), DAMAGED)
}

/** Undefined when the database is damaged. */
function tryOpen(dataDir: string): EdgeStore | undefined {
  const mark = join(dataDir, IN_USE)
  const lastEnd = existsSync(mark) ? readFileSync(mark, 'utf8') : undefined
  if (lastEnd === DAMAGED) return undefined
  let database: Database | undefined
  try {
    database = openDatabase(join(dataDir, FILE), edgeMigrations)
    const isSound =
      lastEnd === undefined || database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] === 'ok'
    if (isSound) return openEdgeStore(database)
  } catch (error) {
    if (!isDamage(error)) throw error
  }
  try {
    database?.close()
  } catch {
    // A damaged file may refuse even this; it is renamed next.
  }
  return undefined
}

function inUse(dataDir: string, store: EdgeStore): EdgeStore {
  const mark = join(dataDir, IN_USE)
  writeFileSync(mark, '')
  return {
    ...store,
    close() {
      store.close()
      rmSync(mark, { force: true })
    },
  }
}
