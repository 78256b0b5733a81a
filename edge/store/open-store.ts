import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type Database, openDamaged, openDatabase } from '#sqlite-file/database.ts'
import type { EdgeStore } from './edge-store.ts'
import { type EdgeStoreOptions, openEdgeStore } from './open-edge-store.ts'
import type { RoomLimits } from './room.ts'
import { edgeMigrations, isFormer } from './store-layout.ts'
import { isDamage, isNoRoom, isShort } from './store-trouble.ts'

const FILE = 'edge.db'
/** Stands where damage was seen while the database was in use: the next start sets it aside. */
const DAMAGED = 'edge.db.is-damaged'

export type OpenedStore = {
  store: EdgeStore
  /** Where a database now lies that is damaged, or of a layout of before the first release. */
  setAside?: string
  /** Why there is no file: the store stands in for it, and takes nothing until it can be opened. */
  why?: string
}

export type OpenStoreOptions = {
  /** UTC ms. */
  now: number
  /** Told once when the program has to start anew: the file is damaged, or can be opened at last. */
  onStale?(why: string): void
  /** A few readings on the disk are damaged: which, and how many. The rest goes on. */
  onDamaged?(what: string, readings: number): void
  /** Single readings made room before they could be sent. */
  onThinned?(readings: number): void
  /** How much of the disk it may take. */
  room?: RoomLimits
}

/**
 * Opens the edge's database in `dataDir`. One that is damaged is renamed, with everything that belongs to it,
 * and a new one started with a new epoch: an edge that measures is worth more than one that will not start.
 * Without room for a file the edge judges all the same: `why` is set, and each commit tries again to open it.
 * Errors of another kind (no rights) are thrown.
 */
export function openStore(dataDir: string, options: OpenStoreOptions): OpenedStore {
  const { onStale = () => {} } = options
  const sayOnce = once(onStale)
  try {
    const opened = openFile(dataDir, options)
    return { ...opened, store: watched(opened.store, () => onDamage(dataDir, sayOnce)) }
  } catch (error) {
    if (!isNoRoom(error)) throw error
    const open = () => openFile(dataDir, options).store
    return { store: standIn(open, sayOnce), why: String(error) }
  }
}

function openFile(dataDir: string, options: OpenStoreOptions): { store: EdgeStore; setAside?: string } {
  mkdirSync(dataDir, { recursive: true })
  accessSync(dataDir, constants.W_OK)
  const found = existsSync(join(dataDir, DAMAGED)) ? 'damaged' : tryOpen(join(dataDir, FILE), options)
  if (typeof found === 'object') return { store: found }
  const name = `${FILE}.${found}-${new Date(options.now).toISOString().replace(/[:.]/g, '-')}`
  for (const file of readdirSync(dataDir)) {
    if (file === FILE || file === `${FILE}-wal` || file === `${FILE}-shm`) {
      renameSync(join(dataDir, file), join(dataDir, file.replace(FILE, name)))
    }
  }
  rmSync(join(dataDir, DAMAGED), { force: true })
  const store = openEdgeStore(
    openDatabase(join(dataDir, FILE), edgeMigrations),
    storeOptions(dataDir, options),
  )
  keepClock(store, join(dataDir, name))
  return { store, setAside: join(dataDir, name) }
}

/** What the clock knew of itself: readings that are salvaged are corrected by it (../clock/clock-note.ts). */
function keepClock(store: EdgeStore, path: string): void {
  try {
    const former = openDamaged(path)
    try {
      const note = former.prepare("SELECT value FROM meta WHERE key = 'clock'").get()?.value
      if (typeof note === 'string') store.setNote('clock', note)
    } finally {
      former.close()
    }
  } catch {
    // It cannot be read, or there is no room: then the clock begins anew.
  }
}

function storeOptions(dataDir: string, { onDamaged, onThinned, room }: OpenStoreOptions): EdgeStoreOptions {
  return {
    ...(onDamaged && { onDamaged }),
    ...(onThinned && { onThinned }),
    ...(room && { room: { ...room, dataDir } }),
  }
}

/** Why it cannot be used, if so. The whole of it is read only where its length is wrong: that takes long. */
function tryOpen(path: string, options: OpenStoreOptions): EdgeStore | 'damaged' | 'former' {
  let database: Database | undefined
  let why: 'damaged' | 'former' = 'damaged'
  try {
    database = openAlsoFull(path)
    if (!isShort(path) || database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] === 'ok') {
      if (!isFormer(database)) return openEdgeStore(database, storeOptions(dirname(path), options))
      why = 'former'
    }
  } catch (error) {
    if (!isDamage(error)) {
      database?.close()
      throw error
    }
  }
  try {
    database?.close()
  } catch {
    // A damaged file may refuse even this; it is renamed next.
  }
  return why
}

/** On a full disk a database that is there can still be read, and written as soon as there is room. */
function openAlsoFull(path: string): Database {
  try {
    return openDatabase(path, edgeMigrations)
  } catch (error) {
    if (!isNoRoom(error)) throw error
    return openDatabase(path, edgeMigrations, { isExclusive: true })
  }
}

/** Takes nothing, so that nothing is acknowledged, and knows nothing. What waits is stored when the file opens. */
function standIn(open: () => EdgeStore, onStale: (why: string) => void): EdgeStore {
  const empty = openEdgeStore(openDatabase(':memory:', edgeMigrations))
  let real: EdgeStore | undefined
  return {
    ...empty,
    commit(group) {
      real ??= open()
      const written = real.commit(group)
      // Everything else was built upon an empty store.
      onStale('the database can be opened again')
      return written
    },
    close() {
      empty.close()
      real?.close()
    },
  }
}

function onDamage(dataDir: string, onStale: (why: string) => void): void {
  try {
    writeFileSync(join(dataDir, DAMAGED), '')
  } catch {
    // The next start comes upon the damage again.
  }
  onStale('the database is damaged: the next start sets it aside')
}

/** The same store; damage that any of its calls comes upon is told before it is thrown. */
function watched(store: EdgeStore, onFound: () => void): EdgeStore {
  const entries = Object.entries(store).map(([name, method]: [string, (...args: never[]) => unknown]) => {
    const watchedMethod = (...args: never[]) => {
      const thrown = (error: unknown): never => {
        if (isDamage(error)) onFound()
        throw error
      }
      try {
        const result = method(...args)
        return result instanceof Promise ? result.catch(thrown) : result
      } catch (error) {
        return thrown(error)
      }
    }
    return [name, watchedMethod]
  })
  return Object.fromEntries(entries) as EdgeStore
}

function once(tell: (why: string) => void): (why: string) => void {
  let isTold = false
  return (why) => {
    if (isTold) return
    isTold = true
    tell(why)
  }
}
