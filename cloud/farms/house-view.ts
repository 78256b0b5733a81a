import type { HouseView, LatestValue } from '#domain/api/farm.ts'
import type { Flocks } from '../books/flocks.ts'
import { latestValue, newestOfEach } from '../live/latest-value.ts'
import type { LiveValues } from '../live/live-values.ts'
import type { House, Registry } from '../registry/port.ts'
import type { SeriesStore } from '../series/port.ts'

export type HouseViews = { view(farm: string, house: House): Promise<HouseView> }

type Deps = { registry: Registry; series: SeriesStore; flocks: Flocks; liveValues: LiveValues }

/** Everything of a house at a glance: flock, newest values (of the store, the edge, the books), open alarms. */
export function createHouseViews({ registry, series, flocks, liveValues }: Deps): HouseViews {
  const latestOf = async (farm: string, house: House): Promise<LatestValue[]> => {
    const stored = await series.latest(farm, house.id)
    const counted = (await flocks.headCounts(farm, house)).slice(-1)
    return newestOfEach([...stored, ...liveValues.of(farm, house.id), ...counted]).map((reading) =>
      latestValue(reading, liveValues.cameLate(farm, reading)),
    )
  }
  return {
    async view(farm, house) {
      const [flock, latest, alarms] = await Promise.all([
        flocks.current(farm, house),
        latestOf(farm, house),
        registry.alarms.open(farm, house.id),
      ])
      return { ...house, flock: flock ?? null, latest, alarms }
    },
  }
}
