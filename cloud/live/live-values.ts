import type { SeriesRun } from '#domain/columns/runs.ts'
import { type Reading, seriesKey } from '#domain/reading.ts'
import { type Clock, isLate, LATE_AFTER_MS } from '#domain/time.ts'
import type { Hub } from './hub.ts'
import { createLateNewest } from './late-newest.ts'
import { latestValue, newestOfEach, newestOfRun } from './latest-value.ts'

/**
 * Values on their way to the page's eyes. What an edge posts as `Live` may run ahead of its stored backlog;
 * the last of it is kept here, in memory, so that a page opened meanwhile does not show the older stored one.
 */
export type LiveValues = {
  /** Shows those that are fresh. `keep`: as long as they are. */
  show(farm: string, readings: readonly Reading[]): void
  /** The newest of each run, as it was stored now; marked where it came late and nothing fresher is known. */
  showRuns(farm: string, runs: readonly SeriesRun[]): void
  keep(farm: string, edge: string, readings: readonly Reading[]): void
  forget(farm: string, edge: string): void
  /** What was kept of a house and is not late yet. */
  of(farm: string, house: string): Reading[]
  /** The newest of a series was stored long after it was measured. */
  cameLate(farm: string, reading: Reading): boolean
}

export function createLiveValues(hub: Hub, clock: Clock): LiveValues {
  const kept = new Map<string, Map<string, readonly Reading[]>>()
  const fresh = (readings: readonly Reading[]) => {
    const earliest = clock.now() - LATE_AFTER_MS
    return readings.filter(({ t }) => t >= earliest)
  }

  const lateNewest = createLateNewest()
  const keptOf = (farm: string) => [...(kept.get(farm)?.values() ?? [])].flatMap(fresh)
  const publish = (farm: string, readings: readonly Reading[]) => {
    const now = clock.now()
    const byHouse = Map.groupBy(newestOfEach(readings), ({ series }) => series.house)
    for (const [house, ofHouse] of byHouse) {
      const values = ofHouse.map((reading) => latestValue(reading, isLate(reading.t, now)))
      hub.publish(farm, { kind: 'values', house, values })
    }
  }

  return {
    show(farm, readings) {
      if (hub.isWatched(farm)) publish(farm, fresh(readings))
    },
    showRuns(farm, runs) {
      lateNewest.stored(farm, runs, clock.now())
      if (!hub.isWatched(farm)) return
      // While a backlog drains, its edge tells what is new beside it.
      const known = new Set(keptOf(farm).map(({ series }) => seriesKey(series)))
      const now = clock.now()
      const shown = runs
        .map(newestOfRun)
        .filter(({ series, t }) => !isLate(t, now) || !known.has(seriesKey(series)))
      publish(farm, shown)
    },
    keep(farm, edge, readings) {
      const edges = kept.get(farm) ?? new Map<string, readonly Reading[]>()
      // An edge says what changed: what it said before stands as long as it is fresh.
      const all = newestOfEach([...fresh(edges.get(edge) ?? []), ...readings])
      kept.set(farm, edges.set(edge, all))
    },
    forget(farm, edge) {
      kept.get(farm)?.delete(edge)
    },
    of: (farm, house) => keptOf(farm).filter(({ series }) => series.house === house),
    cameLate: lateNewest.has,
  }
}
