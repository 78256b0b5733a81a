import type { BatchStore } from '../batches/port.ts'
import type { SqliteAlarms } from './alarms.ts'
import { farmKey } from './farm-key.ts'
import type { Commit } from './group-commit.ts'
import type { Lanes } from './lanes.ts'
import type { Readings } from './readings.ts'

type Deps = { commit: Commit; lanes: Lanes; readings: Readings; alarms: SqliteAlarms }

export function openBatches({ commit, lanes, readings, alarms }: Deps): BatchStore {
  return {
    watermark: async (edge, lane, epoch) => lanes.watermark(edge, lane, epoch),
    takeReadings: (edge, span, runs) =>
      commit(() =>
        lanes.take(edge, 'readings', span, () => {
          const inFarm = (house: string) => farmKey(edge.farm, house)
          // All that was wrong goes first: the old time of one may be the true time of another.
          if (span.movedByMs !== 0) readings.removeRuns(runs, -span.movedByMs, inFarm)
          return readings.writeRuns(runs, inFarm)
        }),
      ),
    takeAlarms: (edge, span, events, now) =>
      commit(() =>
        lanes.take(edge, 'alarms', span, (old) =>
          alarms.applyNow(
            edge.farm,
            events.slice(old).filter((event) => event !== null),
            now,
          ),
        ),
      ),
  }
}
