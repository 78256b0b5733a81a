import type { Farm } from '#domain/api/farm.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { Farms, House } from '../registry/port.ts'

type FarmRow = { id: string; name: string; time_zone: string }
type HouseRow = FarmRow & { floor_m2: number | null }

export function openFarms(database: Database): Farms {
  const ofPerson = database.prepare(`
    SELECT id, name, time_zone FROM farm JOIN membership ON farm = id WHERE person = ? ORDER BY name, id`)
  const ofMember = database.prepare(`
    SELECT id, name, time_zone FROM farm JOIN membership ON farm = id WHERE id = ? AND person = ?`)
  const ownership = database.prepare(
    `SELECT 1 FROM membership WHERE farm = ? AND person = ? AND role = 'owner'`,
  )
  const insert = database.prepare(
    'INSERT INTO farm (id, name, time_zone, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  )
  const join = database.prepare(
    'INSERT INTO membership (person, farm, role) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const houses = database.prepare(
    'SELECT id, name, time_zone, floor_m2 FROM house WHERE farm = ? ORDER BY id',
  )
  const house = database.prepare('SELECT id, name, time_zone, floor_m2 FROM house WHERE farm = ? AND id = ?')
  const insertHouse = database.prepare(
    'INSERT INTO house (farm, id, name, time_zone, floor_m2) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )

  return {
    of: async (person) => (ofPerson.all(person) as unknown as FarmRow[]).map(farmOf),
    ofMember: async (farm, person) => {
      const row = ofMember.get(farm, person) as FarmRow | undefined
      return row && farmOf(row)
    },

    isOwner: async (farm, person) => ownership.get(farm, person) !== undefined,

    add: async ({ id, name, timeZone }, owner, now) =>
      database.transaction(() => {
        if (insert.run(id, name, timeZone, now).changes === 0) return false
        join.run(owner, id, 'owner')
        return true
      }),

    houses: async (farm) => (houses.all(farm) as unknown as HouseRow[]).map(houseOf),
    house: async (farm, id) => {
      const row = house.get(farm, id) as HouseRow | undefined
      return row && houseOf(row)
    },
    addHouse: async (farm, { id, name, timeZone, floorM2 }) =>
      insertHouse.run(farm, id, name, timeZone, floorM2 ?? null).changes > 0,
  }
}

const farmOf = ({ id, name, time_zone }: FarmRow): Farm => ({ id, name, timeZone: time_zone })

function houseOf({ id, name, time_zone, floor_m2 }: HouseRow): House {
  return { id, name, timeZone: time_zone, ...(floor_m2 !== null && { floorM2: floor_m2 }) }
}
