import type { BatchStore } from '../batches/port.ts'
import type { Commit } from '../embedded/group-commit.ts'
import type { Lanes } from '../embedded/lanes.ts'
import type { Newest } from '../embedded/newest.ts'
import type { Influx } from './influx-client.ts'
import { linesOf, removalsOf } from './line-protocol.ts'

type Deps = {
  influx: Pick<Influx, 'remove'>
  write: Influx['write']
  commit: Commit
  lanes: Lanes
  newest: Newest
}

/**
 * First the points, then the watermark. Whatever is cut between the two is sent again by the edge, and the same
 * point written twice is one point: nothing is lost, nothing counts twice. What was sent with a wrong time is removed
 * before its readings are written at the true one, again as often as it takes. Batches of one lane go one after the
 * other, since each must find the watermark of the one before.
 *
 * `stored` counts what was sent to InfluxDB: it does not say which points it had.
 */
export function takeReadingsWith({ influx, write, commit, lanes, newest }: Deps): BatchStore['takeReadings'] {
  const inTurn = createTurns()
  return (edge, span, runs) =>
    inTurn(`${edge.id} ${span.epoch}`, async () => {
      const known = lanes.known(edge, 'readings', span)
      if (known) return known
      if (span.movedByMs !== 0) {
        for (const removal of removalsOf(edge.farm, runs, -span.movedByMs)) await influx.remove(removal)
      }
      if (runs.length > 0) await write(linesOf(edge.farm, runs))
      return commit(() =>
        lanes.take(edge, 'readings', span, () => {
          newest.write(edge.farm, runs)
          return runs.reduce((sum, { t }) => sum + t.length, 0)
        }),
      )
    })
}

/** Runs what has the same key one after the other. */
function createTurns() {
  const last = new Map<string, Promise<void>>()
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const result = (last.get(key) ?? Promise.resolve()).then(work)
    const end = result.then(
      () => {},
      () => {},
    )
    last.set(key, end)
    try {
      return await result
    } finally {
      if (last.get(key) === end) last.delete(key)
    }
  }
}
