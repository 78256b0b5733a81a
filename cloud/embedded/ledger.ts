import type { CountedDay, EdgeLedger } from '#domain/ledger.ts'
import { DAY, dayAfter } from '#domain/time.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { LedgerBook, LedgerRows, UncountedDay } from '../ledger/port.ts'

/** What a box said stays when it is retired; counting is tried again, and done again after a time. */
export const ledgerMigration = `
  CREATE TABLE ledger_edge (
    edge TEXT PRIMARY KEY,
    farm TEXT NOT NULL,
    numbers TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ledger_day (
    edge TEXT NOT NULL,
    day TEXT NOT NULL,
    longest_offline_ms INTEGER NOT NULL,
    damaged INTEGER NOT NULL,
    told_at INTEGER NOT NULL,
    PRIMARY KEY (edge, day)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ledger_stream (
    edge TEXT NOT NULL,
    day TEXT NOT NULL,
    house TEXT NOT NULL, device TEXT NOT NULL, metric TEXT NOT NULL, source TEXT NOT NULL, by TEXT NOT NULL,
    measured INTEGER NOT NULL, duplicate INTEGER NOT NULL, thinned INTEGER NOT NULL, replaced INTEGER NOT NULL,
    aside INTEGER NOT NULL, acknowledged INTEGER NOT NULL,
    in_cloud INTEGER, gaps INTEGER NOT NULL, longest_gap_ms INTEGER NOT NULL,
    is_due INTEGER NOT NULL DEFAULT 1, tried INTEGER NOT NULL DEFAULT 0, counted_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (edge, day, house, device, metric, source, by),
    FOREIGN KEY (edge, day) REFERENCES ledger_day(edge, day) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ledger_due ON ledger_stream (tried) WHERE is_due = 1;
`

const COUNTS = ['measured', 'duplicate', 'thinned', 'replaced', 'aside', 'acknowledged'] as const
const STREAM = ['house', 'device', 'metric', 'source', 'by'] as const
/** A sensor that has been silent for so long was taken away. */
const FORGOTTEN_AFTER_DAYS = 7
const FORGOTTEN_AFTER_MS = FORGOTTEN_AFTER_DAYS * DAY
const isStream = STREAM.map((column) => `${column} = :${column}`).join(' AND ')

export function openLedger(database: Database): LedgerBook {
  const putEdge = database.prepare(`
    INSERT INTO ledger_edge (edge, farm, numbers) VALUES (?, ?, ?)
    ON CONFLICT (edge) DO UPDATE SET farm = excluded.farm, numbers = excluded.numbers`)
  // Two words within a millisecond must differ: the later one wins.
  const putDay = database.prepare(`
    INSERT INTO ledger_day (edge, day, longest_offline_ms, damaged, told_at)
    VALUES (:edge, :day, :offline, :damaged, :now)
    ON CONFLICT (edge, day) DO UPDATE
    SET longest_offline_ms = excluded.longest_offline_ms, damaged = excluded.damaged,
      told_at = max(told_at + 1, excluded.told_at)`)
  const dropStreams = database.prepare('DELETE FROM ledger_stream WHERE edge = ? AND day = ?')
  const columns = [...STREAM, ...COUNTS]
  const putStream = database.prepare(`
    INSERT INTO ledger_stream (edge, day, ${columns.join(', ')}, gaps, longest_gap_ms)
    VALUES (:edge, :day, ${columns.map((column) => `:${column}`).join(', ')}, 0, 0)
    ON CONFLICT DO NOTHING`)
  const putSilent = database.prepare(`
    INSERT INTO ledger_stream (edge, day, ${columns.join(', ')}, gaps, longest_gap_ms)
    SELECT edge, :day, ${STREAM.join(', ')}, ${COUNTS.map(() => 0).join(', ')}, 0, 0 FROM ledger_stream
    WHERE edge = :edge AND source = 'sensor' AND (measured > 0 OR longest_gap_ms < ${FORGOTTEN_AFTER_MS})
      AND day = (SELECT max(day) FROM ledger_day WHERE edge = :edge AND day < :day AND day >= :oldest)
    ON CONFLICT DO NOTHING`)
  const uncounted = database.prepare(`
    SELECT edge, farm, day, told_at, ${STREAM.join(', ')}
    FROM ledger_stream JOIN ledger_day USING (edge, day) JOIN ledger_edge USING (edge)
    WHERE is_due = 1 ORDER BY tried LIMIT ?`)
  const isSaidOnce = `edge = :edge AND day = :day AND ${isStream}
    AND :toldAt = (SELECT told_at FROM ledger_day WHERE edge = :edge AND day = :day)`
  const putCount = database.prepare(`
    UPDATE ledger_stream SET in_cloud = :inCloud, gaps = :gaps, longest_gap_ms = :longestGapMs,
      counted_at = :now, is_due = 0, tried = 0
    WHERE ${isSaidOnce}`)
  const putOff = database.prepare(`UPDATE ledger_stream SET tried = tried + 1 WHERE ${isSaidOnce}`)
  const countAgain = database.prepare(`
    UPDATE ledger_stream SET is_due = 1 WHERE edge = ? AND day BETWEEN ? AND ? AND counted_at < ?`)
  const edges = database.prepare('SELECT edge FROM ledger_edge WHERE farm = ? ORDER BY edge')
  const numbers = database.prepare('SELECT numbers FROM ledger_edge WHERE edge = ?')
  const days = database.prepare(`
    SELECT day, longest_offline_ms AS longestOfflineMs, damaged, told_at AS toldAt
    FROM ledger_day WHERE edge = ? AND day BETWEEN ? AND ? ORDER BY day`)
  const streams = database.prepare(`
    SELECT day, ${columns.join(', ')}, in_cloud AS inCloud, gaps, longest_gap_ms AS longestGapMs,
      told_at AS toldAt, counted_at AS countedAt
    FROM ledger_stream JOIN ledger_day USING (edge, day) WHERE edge = ? AND day BETWEEN ? AND ?
    ORDER BY house, device, metric, source, by, day`)

  return {
    say: async ({ id: edge, farm }, statement, now) =>
      database.transaction(() => {
        const { day, longestOfflineMs: offline, damaged } = statement
        putEdge.run(edge, farm, JSON.stringify(statement.numbers))
        dropStreams.run(edge, day)
        putDay.run({ edge, day, offline, damaged, now })
        for (const stream of statement.streams) putStream.run({ edge, day, ...stream })
        putSilent.run({ edge, day, oldest: dayAfter(day, -FORGOTTEN_AFTER_DAYS) })
      }),

    uncounted: async (limit) =>
      uncounted.all(limit).map((row) => {
        const { edge, farm, day, told_at: toldAt, ...stream } = row
        return { edge, farm, day, toldAt, stream } as unknown as UncountedDay
      }),

    async count({ edge, day, toldAt, stream }, { inCloud, gaps, longestGapMs }, now) {
      putCount.run({ edge, day, toldAt, ...stream, inCloud, gaps, longestGapMs, now })
    },

    async putOff({ edge, day, toldAt, stream }) {
      putOff.run({ edge, day, toldAt, ...stream })
    },

    async countAgain(edge, from, to, countedBefore) {
      countAgain.run(edge, from, to, countedBefore)
    },

    edges: async (farm) => edges.all(farm).map(({ edge }) => String(edge)),

    read: async (edge, from, to) => {
      const told = numbers.get(edge)?.numbers
      return {
        numbers: typeof told === 'string' ? (JSON.parse(told) as EdgeLedger['numbers']) : null,
        days: days.all(edge, from, to) as unknown as LedgerRows['days'],
        streams: streams.all(edge, from, to) as unknown as CountedDay[],
      }
    },
  }
}
