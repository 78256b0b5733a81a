import type { Readings } from '#series-store/readings.ts'
import type { BatchStore } from '../batches/port.ts'
import type { SqliteAlarms } from './alarms.ts'
import { inFarm } from './farm-key.ts'
import type { Commit } from './group-commit.ts'
import type { Lanes } from './lanes.ts'

type Deps = { commit: Commit; lanes: Lanes; readings: Readings; alarms: SqliteAlarms }

export function openBatches({ commit, lanes, readings, alarms }: Deps): BatchStore {
  return {
    takeReadings: (edge, span, all) =>
      commit(() =>
        lanes.take(
          edge,
          'readings',
          span,
          (old) => readings.write(all.slice(old).map((reading) => inFarm(edge.farm, reading))).stored,
        ),
      ),
    takeAlarms: (edge, span, events, now) =>
      commit(() =>
        lanes.take(edge, 'alarms', span, (old) => alarms.applyNow(edge.farm, events.slice(old), now)),
      ),
  }
}
