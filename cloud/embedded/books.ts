import { isDeepStrictEqual } from 'node:util'
import type { EntryView } from '#domain/api/farm.ts'
import type { BookEntry, NewFlock } from '#domain/flock.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { Books } from '../registry/port.ts'

type FlockRow = {
  id: string
  house: string
  breed: string
  sex: NewFlock['sex']
  placed_on: string
  placed: number
}
type EntryRow = { body: string; written_by: string; received_at: number; flock: string }

export function openBooks(database: Database): Books {
  const columns = 'id, house, breed, sex, placed_on, placed'
  const flocks = database.prepare(
    `SELECT ${columns} FROM flock WHERE farm = ? ORDER BY placed_on DESC, created_at DESC, id`,
  )
  const flocksOfHouse = database.prepare(
    `SELECT ${columns} FROM flock WHERE farm = ? AND house = ? ORDER BY placed_on DESC, created_at DESC, id`,
  )
  const flock = database.prepare(`SELECT ${columns} FROM flock WHERE farm = ? AND id = ?`)
  const insertFlock = database.prepare(
    `INSERT INTO flock (farm, ${columns}, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const entries = database.prepare(
    'SELECT body, written_by, received_at, flock FROM entry WHERE farm = ? AND flock = ?',
  )
  const entry = database.prepare(
    'SELECT body, written_by, received_at, flock FROM entry WHERE farm = ? AND id = ?',
  )
  const insertEntry = database.prepare(
    'INSERT INTO entry (farm, id, flock, body, written_by, received_at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const flockIf = (farm: string, id: string) => {
    const row = flock.get(farm, id) as FlockRow | undefined
    return row && flockOf(row)
  }

  return {
    flocks: async (farm, house) => {
      const rows = house === undefined ? flocks.all(farm) : flocksOfHouse.all(farm, house)
      return (rows as unknown as FlockRow[]).map(flockOf)
    },
    flock: async (farm, id) => flockIf(farm, id),

    addFlock: async (farm, added, now) =>
      database.transaction(() => {
        const known = flockIf(farm, added.id)
        if (known) return isDeepStrictEqual(known, added) ? repeat(known) : conflict
        const { id, house, breed, sex, placedOn, placed } = added
        insertFlock.run(farm, id, house, breed, sex, placedOn, placed, now)
        return { kind: 'added', value: added }
      }),

    entries: async (farm, flock) =>
      (entries.all(farm, flock) as unknown as EntryRow[])
        .map(viewOf)
        .sort((a, b) => a.day.localeCompare(b.day) || a.at - b.at || a.id.localeCompare(b.id)),

    addEntry: async (farm, flock, added, { by, now }, check) =>
      database.transaction(() => {
        const row = entry.get(farm, added.id) as EntryRow | undefined
        if (row) {
          const isSame = row.flock === flock && isDeepStrictEqual(JSON.parse(row.body), added)
          return isSame ? repeat(viewOf(row)) : conflict
        }
        const before = (entries.all(farm, flock) as unknown as EntryRow[]).map(bodyOf)
        const why = check(before)
        if (why !== undefined) return { kind: 'refused', why }
        insertEntry.run(farm, added.id, flock, JSON.stringify(added), by, now)
        return { kind: 'added', value: { ...added, by, receivedAt: now } }
      }),
  }
}

const conflict = { kind: 'conflict' } as const
const repeat = <T>(value: T) => ({ kind: 'repeat', value }) as const

const bodyOf = ({ body }: EntryRow) => JSON.parse(body) as BookEntry
const viewOf = (row: EntryRow): EntryView => ({
  ...bodyOf(row),
  by: row.written_by,
  receivedAt: row.received_at,
})

function flockOf({ id, house, breed, sex, placed_on, placed }: FlockRow): NewFlock {
  return { id, house, breed, sex, placedOn: placed_on, placed }
}
