import { type Database, openDatabase } from '#sqlite-file/database.ts'
import type { BatchStore, DictionaryStore } from '../batches/port.ts'
import type { LedgerBook } from '../ledger/port.ts'
import type { Registry } from '../registry/port.ts'
import type { SeriesStore } from '../series/port.ts'
import { openAlarms } from './alarms.ts'
import { openBatches } from './batches.ts'
import { openBooks } from './books.ts'
import { openDictionaries } from './dictionaries.ts'
import { openEdges } from './edges.ts'
import { openFarms } from './farms.ts'
import { type Commit, createGroupCommit } from './group-commit.ts'
import { type Lanes, openLanes } from './lanes.ts'
import { ledgerMigration, openLedger } from './ledger.ts'
import { type Newest, newestMigration, openNewest } from './newest.ts'
import { openPeople } from './people.ts'
import { openReadings, readingsMigration } from './readings.ts'
import { alarmArrivalMigration, dictionaryMigration, registryMigration } from './registry-migration.ts'
import { openScales, scalesMigration } from './scales.ts'
import { openSeries } from './series.ts'

export type Stores = {
  registry: Registry
  series: SeriesStore
  batches: BatchStore
  dictionaries: DictionaryStore
  ledger: LedgerBook
  /** True for an error that says that the store cannot do its work now: disk full, locked, broken, closed. */
  isStoreFailure(error: unknown): boolean
  close(): void
}

/** With what a store needs that keeps the readings elsewhere: it decides only what becomes of them. */
export type Embedded = Stores & { commit: Commit; lanes: Lanes; newest: Newest }

/** All stores of the service in one SQLite file. `maxBytes` leaves the rest of the disk to others. */
export function openEmbedded(path: string, maxBytes?: number): Embedded {
  const migrations = [
    readingsMigration,
    registryMigration,
    newestMigration,
    alarmArrivalMigration,
    ledgerMigration,
    dictionaryMigration,
    scalesMigration,
  ]
  const database = openDatabase(path, migrations)
  if (maxBytes !== undefined) limitSize(database, maxBytes)
  const readings = openReadings(database)
  const alarms = openAlarms(database)
  const commit = createGroupCommit(database)
  const lanes = openLanes(database)
  const countStart = database.prepare('UPDATE service SET starts = starts + 1 RETURNING starts')
  const check = database.prepare('SELECT starts FROM service')
  return {
    registry: {
      people: openPeople(database),
      farms: openFarms(database),
      books: openBooks(database),
      scales: openScales(database),
      edges: openEdges(database),
      alarms,
      countStart: async () => Number(countStart.get()?.starts),
      check: async () => {
        check.get()
      },
    },
    series: openSeries(readings),
    batches: openBatches({ commit, lanes, readings, alarms }),
    dictionaries: openDictionaries(database, commit),
    ledger: openLedger(database),
    isStoreFailure,
    close: () => database.close(),
    commit,
    lanes,
    newest: openNewest(database),
  }
}

function limitSize(database: Database, maxBytes: number): void {
  const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.page_size)
  database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageBytes))}`)
}

/** https://sqlite.org/rescode.html: an error in our own SQL (1), a broken constraint (19) and misuse (21) are bugs. */
const OUR_OWN_MISTAKES = new Set([1, 19, 20, 21, 25])

function isStoreFailure(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  if (error.code === 'ERR_INVALID_STATE') return /database is not open/.test(error.message)
  if (error.code !== 'ERR_SQLITE_ERROR' || !('errcode' in error)) return false
  // The low byte is the primary code.
  return !OUR_OWN_MISTAKES.has(Number(error.errcode) & 0xff)
}
