import type { Reading } from '#domain/reading.ts'
import { type Clock, LATE_AFTER_MS } from '#domain/time.ts'
import type { Hub } from './hub.ts'
import { latestValue, newestOfEach } from './latest-value.ts'

/**
 * Values on their way to the page's eyes. What an edge posts as `Live` may run ahead of its stored backlog;
 * the last of it is kept here, in memory, so that a page opened meanwhile does not show the older stored one.
 */
export type LiveValues = {
  /** Shows those that are fresh. `keep`: until the edge says more. */
  show(farm: string, readings: readonly Reading[]): void
  keep(farm: string, edge: string, readings: readonly Reading[]): void
  /** What was kept of a house and is not late yet. */
  of(farm: string, house: string): Reading[]
}

export function createLiveValues(hub: Hub, clock: Clock): LiveValues {
  const kept = new Map<string, Map<string, readonly Reading[]>>()
  const fresh = (readings: readonly Reading[]) => {
    const earliest = clock.now() - LATE_AFTER_MS
    return readings.filter(({ t }) => t >= earliest)
  }

  return {
    show(farm, readings) {
      if (!hub.isWatched(farm)) return
      const byHouse = Map.groupBy(newestOfEach(fresh(readings)), ({ series }) => series.house)
      for (const [house, ofHouse] of byHouse) {
        hub.publish(farm, { kind: 'values', house, values: ofHouse.map(latestValue) })
      }
    },
    keep(farm, edge, readings) {
      const edges = kept.get(farm) ?? new Map<string, readonly Reading[]>()
      kept.set(farm, edges.set(edge, readings))
    },
    of: (farm, house) =>
      [...(kept.get(farm)?.values() ?? [])].flatMap((readings) =>
        fresh(readings).filter(({ series }) => series.house === house),
      ),
  }
}
