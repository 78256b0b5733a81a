import type { SeriesRun } from '#domain/columns/runs.ts'
import { type Reading, seriesKey } from '#domain/reading.ts'
import { isLate } from '#domain/time.ts'

/** Which series have as their newest a reading that came late. Kept in memory: only of what comes meanwhile. */
export type LateNewest = {
  /** These were stored at `now`. */
  stored(farm: string, runs: readonly SeriesRun[], now: number): void
  has(farm: string, reading: Reading): boolean
}

export function createLateNewest(): LateNewest {
  const farms = new Map<string, Map<string, number>>()
  return {
    stored(farm, runs, now) {
      const known = farms.get(farm)
      const late = known ?? new Map<string, number>()
      for (const { series, t } of runs) {
        const newest = t.at(-1)
        if (newest === undefined) continue
        if (isLate(newest, now)) {
          const key = seriesKey(series)
          late.set(key, Math.max(newest, late.get(key) ?? 0))
        } else if (late.size > 0) late.delete(seriesKey(series))
      }
      if (late.size > 0) farms.set(farm, late)
      else if (known) farms.delete(farm)
    },
    has: (farm, { series, t }) => farms.get(farm)?.get(seriesKey(series)) === t,
  }
}
