import type { SeriesRun } from '#domain/columns/runs.ts'
import type { Arrival } from './fresh-body.ts'
import type { StoredSeries } from './series-book.ts'
import { putReading, seriesRun, type TimedRun } from './timed-run.ts'

/** Readings of several fresh pieces become one run for each series. Of two with one time the first stands. */
export type GatheredRuns = {
  add(arrivals: readonly Arrival[]): void
  /** All that is in another. */
  join(other: GatheredRuns): void
  count(): number
  entries(): [StoredSeries, TimedRun][]
  runs(): SeriesRun[]
}

export function gatherRuns(): GatheredRuns {
  const gathered = new Map<StoredSeries, TimedRun>()
  let count = 0
  const runOf = (entry: StoredSeries): TimedRun => {
    const known = gathered.get(entry)
    if (known) return known
    const run = { t: [], v: [] }
    gathered.set(entry, run)
    return run
  }
  return {
    add(arrivals) {
      for (const { entry, t, v, mark } of arrivals) if (putReading(runOf(entry), t, v, mark)) count++
    },
    join(other) {
      for (const [entry, { t, v, marks }] of other.entries()) {
        const run = runOf(entry)
        for (const [index, time] of t.entries())
          if (putReading(run, time, v[index] as number, marks?.get(time))) count++
      }
    },
    count: () => count,
    entries: () => [...gathered],
    runs: () => Array.from(gathered, ([{ series }, run]) => seriesRun(series, run)),
  }
}
