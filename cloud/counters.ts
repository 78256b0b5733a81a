/**
 * The service's own counters, by name (`refused.batch-gap`, `readings.stored`). Those that belong to a farm
 * are shown to that farm alone; the rest, which belong to nobody, to all.
 */
export type Counters = {
  count(name: string, farm?: string, by?: number): void
  view(farm: string): Record<string, number>
}

export function createCounters(): Counters {
  const ofAll = new Map<string, number>()
  const ofFarms = new Map<string, Map<string, number>>()

  return {
    count(name, farm, by = 1) {
      let counts = farm === undefined ? ofAll : ofFarms.get(farm)
      if (!counts) {
        counts = new Map()
        ofFarms.set(farm ?? '', counts)
      }
      counts.set(name, (counts.get(name) ?? 0) + by)
    },
    view(farm) {
      const sum = new Map(ofAll)
      for (const [name, n] of ofFarms.get(farm) ?? []) sum.set(name, (sum.get(name) ?? 0) + n)
      return Object.fromEntries([...sum].sort(([a], [b]) => a.localeCompare(b)))
    },
  }
}
