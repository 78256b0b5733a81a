import type { NodeConfig } from '#domain/config.ts'
import type { Wants } from '#domain/sync.ts'
import { ageInDays, MINUTE } from '#domain/time.ts'

export type Flock = Wants['flocks'][number]

export type Flocks = {
  of(house: string): Flock | undefined
  /** Age of the flock in whole days of the house's own calendar; none before it was placed. */
  ageDays(house: string, t: number): number | undefined
  replace(flocks: readonly Flock[]): void
}

/** Every zone's midnight falls on a quarter of an hour of UTC: within one, an age cannot change. */
const QUARTER_MS = 15 * MINUTE

/** Which flock stands in which house, as the cloud last said. */
export function createFlocks(houses: NodeConfig['houses']): Flocks {
  const zones = new Map(houses.map(({ id, timeZone }) => [id, timeZone]))
  let byHouse = new Map<string, Flock>()
  const cached = new Map<string, { quarter: number; age: number | undefined }>()
  return {
    of: (house) => byHouse.get(house),
    ageDays(house, t) {
      const quarter = Math.floor(t / QUARTER_MS)
      const known = cached.get(house)
      if (known?.quarter === quarter) return known.age
      const flock = byHouse.get(house)
      const zone = zones.get(house)
      const days = flock && zone ? ageInDays(flock.placedOn, t, zone) : undefined
      const age = days !== undefined && days >= 0 ? days : undefined
      cached.set(house, { quarter, age })
      return age
    },
    replace(flocks) {
      byHouse = new Map(flocks.map((flock) => [flock.house, flock]))
      cached.clear()
    },
  }
}
