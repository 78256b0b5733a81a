import { randomBytes } from 'node:crypto'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { Reading } from '#domain/reading.ts'
import type { Database } from '#series-store/database.ts'
import { type Numbered, openReadings, readingsMigration } from '#series-store/readings.ts'

/**
 * What the edge keeps beside its readings, in the same file and the same transactions.
 * `alarm_event` is the lane `alarms`: an event that is worked out twice (a backlog sent again) is there once.
 */
export const edgeMigrations = [
  readingsMigration,
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
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
] as const

export const lanes = ['readings', 'alarms'] as const
export type LaneName = (typeof lanes)[number]

export type EdgeStore = {
  /** One life of a lane's numbers; in a new one the cloud takes them from 1 on. 16 hex digits. */
  epoch(lane: LaneName): string
  /**
   * The highest number of an earlier start, until the cloud was compared with it: a cloud that knows a higher one
   * says that this database was put back, whatever was stored since. Undefined once `prove` was called.
   */
  unproved(lane: LaneName): number | undefined
  prove(lane: LaneName): void
  /** The database was put back: all that is in the lane is to be sent again, under a new epoch. */
  startEpoch(lane: LaneName): void
  /** Stores both, durably, or throws and stores nothing. */
  commit(group: { readings: readonly Reading[]; events: readonly AlarmEvent[] }): {
    stored: number
    duplicate: number
  }
  readingsAfter(number: number, limit: number): Numbered[]
  eventsAfter(number: number, limit: number): { number: number; event: AlarmEvent }[]
  /** Highest number in the lane. */
  lastNumber(lane: LaneName): number
  latest(house: string): Reading[]
  /** Values of a model at or after `from`, oldest first. */
  modelValuesSince(series: Reading['series'], from: number): { t: number; value: number }[]
  openAlarms(): AlarmEvent[]
  /** A small note that survives a restart. */
  note(key: string): string | undefined
  setNote(key: string, value: string): void
  setAside(lane: LaneName, number: number, body: string, why: string): void
  setAsideNumbers(lane: LaneName): number[]
  close(): void
}

export function openEdgeStore(database: Database): EdgeStore {
  const readings = openReadings(database)
  const noteOf = database.prepare('SELECT value FROM meta WHERE key = ?')
  const putNote = database.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  )
  const dropNote = database.prepare('DELETE FROM meta WHERE key = ?')
  const lastEvent = database.prepare('SELECT max(number) AS last FROM alarm_event')
  const putEvent = database.prepare(
    'INSERT INTO alarm_event (number, alarm, action, body) VALUES (?, ?, ?, ?) ON CONFLICT (alarm, action) DO NOTHING',
  )
  const eventsAfter = database.prepare(
    'SELECT number, body FROM alarm_event WHERE number > ? ORDER BY number LIMIT ?',
  )
  const putOpen = database.prepare(
    'INSERT INTO open_alarm (alarm, body) VALUES (?, ?) ON CONFLICT (alarm) DO NOTHING',
  )
  const dropOpen = database.prepare('DELETE FROM open_alarm WHERE alarm = ?')
  const allOpen = database.prepare('SELECT body FROM open_alarm')
  const putAside = database.prepare(
    'INSERT INTO set_aside (lane, number, body, why) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const asides = database.prepare('SELECT number FROM set_aside WHERE lane = ?')
  const valuesSince = database.prepare(`
    SELECT t, v FROM reading WHERE t >= ? AND series =
      (SELECT id FROM series WHERE house = ? AND device = ? AND metric = ? AND source = ? AND by = ?)
    ORDER BY t`)

  const note = (key: string): string | undefined => {
    const value = noteOf.get(key)?.['value']
    return typeof value === 'string' ? value : undefined
  }
  const setNote = (key: string, value: string): void => {
    putNote.run(key, value)
  }
  const lastEventNumber = () => Number(lastEvent.get()?.['last'] ?? 0)
  const writeEvents = (events: readonly AlarmEvent[]) => {
    let number = lastEventNumber()
    for (const event of events) {
      const body = JSON.stringify(event)
      number += Number(putEvent.run(number + 1, event.alarm, event.action, body).changes)
      if (event.late) continue
      if (event.action === 'raised') putOpen.run(event.alarm, body)
      if (event.action === 'cleared') dropOpen.run(event.alarm)
    }
  }

  const lastNumber = (lane: LaneName) => (lane === 'readings' ? readings.lastNumber() : lastEventNumber())

  // Opening writes nothing, as a full disk takes nothing: the first commit notes what was found.
  const epochs = new Map<LaneName, string>()
  const unproved = new Map<LaneName, number>()
  let isNoted = false
  for (const lane of lanes) {
    const last = lastNumber(lane)
    // An empty lane may have been put back to its beginning; a new epoch costs it nothing.
    epochs.set(lane, (last > 0 && note(`epoch.${lane}`)) || newEpoch())
    if (last > 0) unproved.set(lane, Math.min(last, Number(note(`unproved.${lane}`) ?? last)))
  }
  const noteOnce = () => {
    if (isNoted) return
    for (const [lane, epoch] of epochs) setNote(`epoch.${lane}`, epoch)
    for (const [lane, number] of unproved) setNote(`unproved.${lane}`, String(number))
  }

  return {
    epoch: (lane) => epochs.get(lane) as string,
    unproved: (lane) => unproved.get(lane),
    prove(lane) {
      unproved.delete(lane)
      dropNote.run(`unproved.${lane}`)
    },
    startEpoch(lane) {
      const epoch = newEpoch()
      database.transaction(() => {
        setNote(`epoch.${lane}`, epoch)
        setNote(`watermark.${lane}`, '0')
        dropNote.run(`unproved.${lane}`)
      })
      epochs.set(lane, epoch)
      unproved.delete(lane)
    },
    commit(group) {
      const written = database.transaction(() => {
        noteOnce()
        writeEvents(group.events)
        return readings.write(group.readings)
      })
      isNoted = true
      return written
    },
    readingsAfter: readings.after,
    eventsAfter: (number, limit) =>
      eventsAfter.all(number, limit).map((row) => ({
        number: Number(row['number']),
        event: JSON.parse(String(row['body'])) as AlarmEvent,
      })),
    lastNumber,
    latest: readings.latest,
    // Weights are whole grams, see the metric catalogue: v is the value.
    modelValuesSince: ({ house, device, metric, source, by }, from) =>
      valuesSince
        .all(from, house, device, metric, source, by)
        .map((row) => ({ t: Number(row['t']), value: Number(row['v']) })),
    openAlarms: () => allOpen.all().map((row) => JSON.parse(String(row['body'])) as AlarmEvent),
    note,
    setNote,
    setAside: (lane, number, body, why) => {
      putAside.run(lane, number, body, why)
    },
    setAsideNumbers: (lane) => asides.all(lane).map((row) => Number(row['number'])),
    close: () => database.close(),
  }
}

const newEpoch = () => randomBytes(8).toString('hex')
