import type { Database } from '#sqlite-file/database.ts'

/**
 * The edge's database. Readings lie in pieces, each an unbroken run of numbers: `fresh` holds one for each group
 * that was committed, `sealed` what these were merged into. What is sealed has lower numbers than what is fresh.
 *
 * boot, offset_ms   the clock that stamped the piece (ClockStamp), where it is known
 * shift_ms          to be added to the times in the body: that clock was wrong, and nothing had been sent yet
 * moved_by_ms       see ReadingsPiece
 * withdrawn         1: stamped wrong and perhaps sent, so it is stored again under new numbers and counts no more. With
 *                   moved_by_ms: of what came again at its right time, sent only for the cloud to withdraw the wrong one
 * again_ms          not null: this is still to be done; with shift_ms the times are right, and were wrong by so much
 * aside             not null: why the cloud would not take it
 *
 * What is sealed at one time goes to the cloud as one batch, of the numbers batch_first … batch_last. It is kept in a
 * piece for each clock and day of UTC: so a clock that was wrong can be put right, and a reading that comes late is
 * looked for in the pieces of its day alone. Which number within the batch a reading has means nothing.
 */
const pieceColumns = `
    first INTEGER PRIMARY KEY, last INTEGER NOT NULL,
    boot TEXT, offset_ms INTEGER,
    shift_ms INTEGER NOT NULL DEFAULT 0, moved_by_ms INTEGER NOT NULL DEFAULT 0,
    withdrawn INTEGER NOT NULL DEFAULT 0, again_ms INTEGER, aside TEXT,`

/** The body comes last: what is before it is read without it. */
const sealedColumns = `count INTEGER NOT NULL, thinned INTEGER NOT NULL, damaged INTEGER NOT NULL,
    t_min INTEGER NOT NULL, t_max INTEGER NOT NULL,
    body BLOB NOT NULL`

/** Files of before the first release have two migrations: a third runs on theirs as well, see `isFormer`. */
export const edgeMigrations = [
  'CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;',
  `
  CREATE TABLE alarm_event (
    number INTEGER PRIMARY KEY,
    alarm TEXT NOT NULL, action TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (alarm, action)
  ) STRICT;
  CREATE TABLE open_alarm (alarm TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE set_aside (
    lane TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, why TEXT NOT NULL,
    PRIMARY KEY (lane, number)
  ) STRICT;
  `,
  `
  CREATE TABLE dictionary (
    id INTEGER PRIMARY KEY,
    house TEXT NOT NULL, device TEXT NOT NULL, metric TEXT NOT NULL, source TEXT NOT NULL, by TEXT NOT NULL
  ) STRICT;
  CREATE TABLE fresh (${pieceColumns}
    checksum INTEGER NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE TABLE sealed (${pieceColumns}
    ${sealedColumns}
  ) STRICT;
  CREATE TABLE newest (
    series INTEGER PRIMARY KEY REFERENCES dictionary(id),
    t INTEGER NOT NULL, v INTEGER NOT NULL, quality INTEGER NOT NULL, detail TEXT,
    boot TEXT, offset_ms INTEGER,
    upto INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE hour (
    hour INTEGER NOT NULL, series INTEGER NOT NULL REFERENCES dictionary(id),
    n INTEGER NOT NULL, sum INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
    last_ms INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (hour, series)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE thinned (
    day INTEGER NOT NULL, series INTEGER NOT NULL REFERENCES dictionary(id),
    thinned INTEGER NOT NULL, replaced INTEGER NOT NULL,
    PRIMARY KEY (day, series)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE again (
    day INTEGER NOT NULL, series INTEGER NOT NULL REFERENCES dictionary(id), n INTEGER NOT NULL,
    PRIMARY KEY (day, series)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE refused (
    day INTEGER NOT NULL, series INTEGER NOT NULL REFERENCES dictionary(id), n INTEGER NOT NULL,
    PRIMARY KEY (day, series)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE claim (
    series INTEGER NOT NULL REFERENCES dictionary(id), claimed INTEGER NOT NULL, v INTEGER NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (series, claimed, v)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE stale_hour (hour INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE correction (
    id INTEGER PRIMARY KEY, at INTEGER,
    boot TEXT NOT NULL, offset_ms INTEGER NOT NULL, by_ms INTEGER NOT NULL,
    in_place INTEGER NOT NULL, again INTEGER NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE sealed RENAME TO sealed_before;
  CREATE TABLE sealed (${pieceColumns}
    batch_first INTEGER NOT NULL, batch_last INTEGER NOT NULL,
    ${sealedColumns}
  ) STRICT;
  INSERT INTO sealed (first, last, boot, offset_ms, shift_ms, moved_by_ms, withdrawn, again_ms, aside,
      batch_first, batch_last, count, thinned, damaged, t_min, t_max, body)
    SELECT first, last, boot, offset_ms, shift_ms, moved_by_ms, withdrawn, again_ms, aside,
      first, last, count, thinned, damaged, t_min, t_max, body FROM sealed_before;
  DROP TABLE sealed_before;
  CREATE TABLE day_total (day INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;
  INSERT INTO day_total (day, n) SELECT hour / 24, sum(n) FROM hour GROUP BY hour / 24;
  `,
] as const

/** True for a file of before the first release, with a row for each reading. */
export function isFormer(database: Database): boolean {
  return database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'reading'").get() !== undefined
}
