import type { SeriesRun } from '#domain/columns/runs.ts'
import type { Arrival } from './fresh-body.ts'
import type { StoredSeries } from './series-book.ts'
import { putReading, seriesRun, type TimedRun } from './timed-run.ts'

/** Readings of several fresh pieces become one run for each series. Of two with one time the first stands. */
export type GatheredRuns = {
  add(arrivals: readonly Arrival[]): void
  count(): number
  entries(): [StoredSeries, TimedRun][]
  runs(): SeriesRun[]
}

export function gatherRuns(): GatheredRuns {
  const gathered = new Map<StoredSeries, TimedRun>()
  let count = 0
  return {
    add(arrivals) {
      for (const { entry, t, v, mark } of arrivals) {
        let run = gathered.get(entry)
        if (!run) {
          run = { t: [], v: [] }
          gathered.set(entry, run)
        }
        if (putReading(run, t, v, mark)) count++
      }
    },
    count: () => count,
    entries: () => [...gathered],
    runs: () => Array.from(gathered, ([{ series }, run]) => seriesRun(series, run)),
  }
}
