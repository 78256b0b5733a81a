import type { Database } from '#series-store/database.ts'
import type { Readings } from '#series-store/readings.ts'
import type { BatchStore, Span, Taken } from '../batches/port.ts'
import type { Edge } from '../registry/port.ts'
import type { SqliteAlarms } from './alarms.ts'
import { inFarm } from './farm-key.ts'
import type { Commit } from './group-commit.ts'

export function openBatches(
  database: Database,
  commit: Commit,
  readings: Readings,
  alarms: SqliteAlarms,
): BatchStore {
  const watermark = database.prepare('SELECT number FROM watermark WHERE edge = ? AND lane = ? AND epoch = ?')
  const advance = database.prepare(`
    INSERT INTO watermark (edge, lane, epoch, number) VALUES (?, ?, ?, ?)
    ON CONFLICT (edge, lane, epoch) DO UPDATE SET number = excluded.number`)

  /** `store` is given how many of the run are old, and stores the rest. Call inside a transaction. */
  const take = <Stored>(
    edge: Edge,
    lane: string,
    { epoch, from, to }: Span,
    store: (old: number) => Stored,
  ): Taken<Stored> => {
    const had = Number(watermark.get(edge.id, lane, epoch)?.number ?? 0)
    if (from > had + 1) return { kind: 'gap', expected: had + 1 }
    const old = Math.min(had + 1, to + 1) - from
    const stored = store(old)
    if (to > had) advance.run(edge.id, lane, epoch, to)
    return { kind: 'taken', watermark: Math.max(had, to), old, stored }
  }

  return {
    takeReadings: (edge, span, all) =>
      commit(() =>
        take(
          edge,
          'readings',
          span,
          (old) => readings.write(all.slice(old).map((reading) => inFarm(edge.farm, reading))).stored,
        ),
      ),
    takeAlarms: (edge, span, events, now) =>
      commit(() => take(edge, 'alarms', span, (old) => alarms.applyNow(edge.farm, events.slice(old), now))),
  }
}
