import { DatabaseSync, type StatementSync } from 'node:sqlite'

/**
 * An SQLite file opened so that what a commit said is there after a power cut: write-ahead log, synced at
 * every commit. One process, one connection.
 */
export type Database = {
  prepare(sql: string): StatementSync
  exec(sql: string): void
  /** Runs `work` in one transaction: all of it is durable when this returns, none of it when it throws. */
  transaction<T>(work: () => T): T
  /** Called after a transaction was undone: whatever was remembered of its writes is to be forgotten. */
  onRollback(forget: () => void): void
  close(): void
}

export type DatabaseOptions = {
  /**
   * Nobody else may open the file meanwhile, not even to copy it; then no `-shm` file is needed, which a full
   * disk has no room for. https://www.sqlite.org/wal.html#use_of_wal_without_shared_memory
   */
  isExclusive?: boolean
}

/** Opens or makes the file. `migrations` are run once each, in order; only ever add to the end of the list. */
export function openDatabase(
  path: string,
  migrations: readonly string[],
  options: DatabaseOptions = {},
): Database {
  const sqlite = new DatabaseSync(path)
  try {
    return open(sqlite, migrations, options)
  } catch (error) {
    sqlite.close()
    throw error
  }
}

/** A file that may be damaged, to read from it what can be read. Any call may throw; nothing is written to it. */
export type DamagedDatabase = Pick<Database, 'prepare' | 'close'>

export function openDamaged(path: string): DamagedDatabase {
  const sqlite = new DatabaseSync(path, { readOnly: true })
  return { prepare: (sql) => sqlite.prepare(sql), close: () => sqlite.close() }
}

function open(
  sqlite: DatabaseSync,
  migrations: readonly string[],
  { isExclusive = false }: DatabaseOptions,
): Database {
  sqlite.exec(`
    PRAGMA locking_mode = ${isExclusive ? 'EXCLUSIVE' : 'NORMAL'};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA busy_timeout = 5000;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA journal_size_limit = 16777216;
  `)
  const forgetters: (() => void)[] = []
  const database: Database = {
    prepare: (sql) => sqlite.prepare(sql),
    exec: (sql) => sqlite.exec(sql),
    transaction: (work) => {
      if (sqlite.isTransaction) throw new Error('a transaction does not nest')
      sqlite.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        sqlite.exec('COMMIT')
        return result
      } catch (error) {
        if (sqlite.isTransaction) sqlite.exec('ROLLBACK')
        for (const forget of forgetters) forget()
        throw error
      }
    },
    onRollback: (forget) => forgetters.push(forget),
    close: () => sqlite.close(),
  }
  migrate(database, migrations)
  return database
}

function migrate(database: Database, migrations: readonly string[]): void {
  const done = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0)
  if (done > migrations.length) {
    throw new Error(
      `the database is of a newer version (${done}) than this program (${migrations.length}): upgrade the program`,
    )
  }
  for (const [index, migration] of migrations.entries()) {
    if (index < done) continue
    database.transaction(() => {
      database.exec(migration)
      database.exec(`PRAGMA user_version = ${index + 1}`)
    })
  }
}
