import type { FlockView } from '#domain/api/farm.ts'
import type { NewFlock } from '#domain/flock.ts'
import type { Reading } from '#domain/reading.ts'
import type { Wants } from '#domain/sync.ts'
import type { Clock } from '#domain/time.ts'
import type { House, Registry } from '../registry/port.ts'
import { flockView } from './flock-view.ts'
import { headCounts } from './head-count.ts'

/** Flocks as they are now, with their books added up. */
export type Flocks = {
  view(farm: string, house: House, flock: NewFlock): Promise<FlockView>
  /** The flock in a house: the one placed last that has birds left. */
  current(farm: string, house: House): Promise<FlockView | undefined>
  /** For the edge, which judges by age. */
  wanted(farm: string): Promise<Wants['flocks']>
  /** Head-counts of the books of all flocks of a house, by time. */
  headCounts(farm: string, house: House): Promise<Reading[]>
}

export function createFlocks(registry: Registry, clock: Clock): Flocks {
  const { books, farms } = registry
  const view: Flocks['view'] = async (farm, house, flock) =>
    flockView(flock, await books.entries(farm, flock.id), house.timeZone, clock.now())

  const current: Flocks['current'] = async (farm, house) => {
    for (const flock of await books.flocks(farm, house.id)) {
      const seen = await view(farm, house, flock)
      if (seen.ageDays >= 0 && seen.balance.present > 0) return seen
    }
    return undefined
  }

  return {
    view,
    current,
    async wanted(farm) {
      const houses = await farms.houses(farm)
      const flocks = await Promise.all(houses.map((house) => current(farm, house)))
      return flocks
        .filter((flock) => flock !== undefined)
        .map(({ house, breed, sex, placedOn, balance }) => ({
          house,
          breed,
          sex,
          placedOn,
          birds: balance.present,
        }))
    },
    async headCounts(farm, house) {
      const flocks = await books.flocks(farm, house.id)
      const counts = await Promise.all(
        flocks.map(async (flock) => headCounts(flock, await books.entries(farm, flock.id), house.timeZone)),
      )
      return counts.flat().sort((a, b) => a.t - b.t)
    },
  }
}
