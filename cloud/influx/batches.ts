import type { BatchStore } from '../batches/port.ts'
import type { Commit } from '../embedded/group-commit.ts'
import type { Lanes } from '../embedded/lanes.ts'
import type { Newest } from '../embedded/newest.ts'
import type { Influx } from './influx-client.ts'
import { linesOf } from './line-protocol.ts'

type Deps = { write: Influx['write']; commit: Commit; lanes: Lanes; newest: Newest }

/**
 * First the points, then the watermark. Whatever is cut between the two is sent again by the edge, and the same
 * point written twice is one point: nothing is lost, nothing counts twice. Batches of one lane go one after the
 * other, since each must find the watermark of the one before.
 *
 * `stored` counts what was sent to InfluxDB: it does not say which points it had.
 */
export function takeReadingsWith({ write, commit, lanes, newest }: Deps): BatchStore['takeReadings'] {
  const inTurn = createTurns()
  return (edge, span, all) =>
    inTurn(`${edge.id} ${span.epoch}`, async () => {
      const found = lanes.find(edge, 'readings', span)
      if (found.kind === 'gap') return found
      const fresh = all.slice(found.old)
      if (fresh.length > 0) await write(linesOf(edge.farm, fresh))
      return commit(() => {
        newest.write(edge.farm, fresh)
        return lanes.take(edge, 'readings', span, () => fresh.length)
      })
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
