import type { CountedDay, EdgeLedger } from '#domain/ledger.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { LedgerBook, LedgerRows, UncountedDay } from '../ledger/port.ts'

export const ledgerMigration = `
  CREATE TABLE ledger_edge (
    edge TEXT PRIMARY KEY REFERENCES edge(id) ON DELETE CASCADE,
    numbers TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ledger_day (
    edge TEXT NOT NULL REFERENCES edge(id) ON DELETE CASCADE,
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
    PRIMARY KEY (edge, day, house, device, metric, source, by),
    FOREIGN KEY (edge, day) REFERENCES ledger_day(edge, day) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ledger_uncounted ON ledger_stream (edge, day) WHERE in_cloud IS NULL;
`

const COUNTS = ['measured', 'duplicate', 'thinned', 'replaced', 'aside', 'acknowledged'] as const
const STREAM = ['house', 'device', 'metric', 'source', 'by'] as const
const isStream = STREAM.map((column) => `${column} = :${column}`).join(' AND ')

export function openLedger(database: Database): LedgerBook {
  const putEdge = database.prepare(`
    INSERT INTO ledger_edge (edge, numbers) VALUES (?, ?) ON CONFLICT (edge) DO UPDATE SET numbers = excluded.numbers`)
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
  const uncounted = database.prepare(`
    SELECT edge, farm, day, told_at, ${STREAM.join(', ')}
    FROM ledger_stream JOIN ledger_day USING (edge, day) JOIN edge ON edge.id = edge
    WHERE in_cloud IS NULL LIMIT ?`)
  const putCount = database.prepare(`
    UPDATE ledger_stream SET in_cloud = :inCloud, gaps = :gaps, longest_gap_ms = :longestGapMs
    WHERE edge = :edge AND day = :day AND ${isStream}
      AND :toldAt = (SELECT told_at FROM ledger_day WHERE edge = :edge AND day = :day)`)
  const numbers = database.prepare('SELECT numbers FROM ledger_edge WHERE edge = ?')
  const days = database.prepare(`
    SELECT day, longest_offline_ms AS longestOfflineMs, damaged, told_at AS toldAt
    FROM ledger_day WHERE edge = ? AND day BETWEEN ? AND ? ORDER BY day`)
  const streams = database.prepare(`
    SELECT day, ${columns.join(', ')}, in_cloud AS inCloud, gaps, longest_gap_ms AS longestGapMs
    FROM ledger_stream WHERE edge = ? AND day BETWEEN ? AND ?
    ORDER BY house, device, metric, source, by, day`)

  return {
    say: async (edge, statement, now) =>
      database.transaction(() => {
        const { day, longestOfflineMs: offline, damaged } = statement
        putEdge.run(edge, JSON.stringify(statement.numbers))
        dropStreams.run(edge, day)
        putDay.run({ edge, day, offline, damaged, now })
        for (const stream of statement.streams) putStream.run({ edge, day, ...stream })
      }),

    uncounted: async (limit) =>
      uncounted.all(limit).map((row) => {
        const { edge, farm, day, told_at: toldAt, ...stream } = row
        return { edge, farm, day, toldAt, stream } as unknown as UncountedDay
      }),

    async count({ edge, day, toldAt, stream }, { inCloud, gaps, longestGapMs }) {
      putCount.run({ edge, day, toldAt, ...stream, inCloud, gaps, longestGapMs })
    },

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
