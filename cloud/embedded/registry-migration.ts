/** The registry's tables. A later change is a migration of its own, added to the list in `open-embedded.ts`. */
export const registryMigration = `
  CREATE TABLE service (starts INTEGER NOT NULL) STRICT;
  INSERT INTO service VALUES (0);

  CREATE TABLE person (
    id TEXT PRIMARY KEY,
    login TEXT NOT NULL COLLATE NOCASE UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE session (
    hash TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person(id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE farm (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE membership (
    person TEXT NOT NULL REFERENCES person(id),
    farm TEXT NOT NULL REFERENCES farm(id),
    role TEXT NOT NULL,
    PRIMARY KEY (person, farm)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE house (
    farm TEXT NOT NULL REFERENCES farm(id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    floor_m2 REAL,
    PRIMARY KEY (farm, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE flock (
    farm TEXT NOT NULL,
    id TEXT NOT NULL,
    house TEXT NOT NULL,
    breed TEXT NOT NULL,
    sex TEXT NOT NULL,
    placed_on TEXT NOT NULL,
    placed INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (farm, id),
    FOREIGN KEY (farm, house) REFERENCES house(farm, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE entry (
    farm TEXT NOT NULL,
    id TEXT NOT NULL,
    flock TEXT NOT NULL,
    body TEXT NOT NULL,
    written_by TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (farm, id),
    FOREIGN KEY (farm, flock) REFERENCES flock(farm, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entry_of_flock ON entry (farm, flock);

  CREATE TABLE edge (
    id TEXT PRIMARY KEY,
    farm TEXT NOT NULL REFERENCES farm(id),
    public_key TEXT NOT NULL,
    enrolled_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    UNIQUE (farm, public_key)
  ) STRICT;
  CREATE TABLE enrolment_code (
    hash TEXT PRIMARY KEY,
    farm TEXT NOT NULL REFERENCES farm(id),
    person TEXT NOT NULL REFERENCES person(id),
    expires_at INTEGER NOT NULL,
    used_by TEXT REFERENCES edge(id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE watermark (
    edge TEXT NOT NULL REFERENCES edge(id),
    lane TEXT NOT NULL,
    epoch TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (edge, lane, epoch)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE alarm (
    farm TEXT NOT NULL REFERENCES farm(id),
    id TEXT NOT NULL,
    house TEXT NOT NULL,
    device TEXT NOT NULL,
    rule TEXT NOT NULL,
    metric TEXT NOT NULL,
    severity TEXT NOT NULL,
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    cleared_at INTEGER,
    acknowledged_at INTEGER,
    acknowledged_by TEXT,
    value REAL,
    limit_value REAL,
    late INTEGER NOT NULL,
    PRIMARY KEY (farm, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX alarm_by_time ON alarm (farm, raised_at);
  CREATE INDEX alarm_open ON alarm (farm, house) WHERE state <> 'normal';
`

/**
 * When the cloud was told of an alarm, by its own clock. Where the edge's clock cannot be right (ahead of ours, or
 * before 2020) that is the time by which alarms are found and ordered.
 */
export const alarmArrivalMigration = `
  ALTER TABLE alarm ADD COLUMN received_at INTEGER NOT NULL DEFAULT 0;
  UPDATE alarm SET received_at = raised_at;
  ALTER TABLE alarm ADD COLUMN judged_at INTEGER AS (
    CASE WHEN raised_at BETWEEN 1577836800000 AND received_at THEN raised_at ELSE received_at END
  ) VIRTUAL;
  DROP INDEX alarm_by_time;
  CREATE INDEX alarm_by_time ON alarm (farm, judged_at);
`

/** Names that edges do not say again with every batch (`domain/columns/dictionary.ts`), as they were sent. */
export const dictionaryMigration = `
  CREATE TABLE dictionary (
    number INTEGER PRIMARY KEY,
    edge TEXT NOT NULL REFERENCES edge(id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    json BLOB NOT NULL,
    UNIQUE (edge, hash)
  ) STRICT;
`
