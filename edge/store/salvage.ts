import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AlarmEvent } from '#domain/alarm.ts'
import { ColumnsMistake } from '#domain/columns/bytes.ts'
import { readingsOf, unitsOf } from '#domain/columns/runs.ts'
import type { MetricId } from '#domain/metrics.ts'
import type { Reading, Series, Source } from '#domain/reading.ts'
import { type DamagedDatabase, openDamaged } from '#sqlite-file/database.ts'
import { parseEvent } from './alarm-lane.ts'
import type { EdgeStore } from './edge-store.ts'
import { decodeFresh } from './fresh-body.ts'
import { clockOf, isAlike, isSilent, numbersOf, type PieceHead } from './piece-head.ts'
import { unpackSealed } from './sealed-body.ts'
import type { StoredSeries } from './series-book.ts'

export type SalvageDeps = {
  /** A database that was set aside. */
  path: string
  store: Pick<EdgeStore, 'commit' | 'corrections' | 'moveReadings'>
  now(): number
  isClosed(): boolean
}

export type Salvaged = { readings: number; events: number; unreadable: number }

type FreshRow = PieceHead & { body: Uint8Array }
type SealedRow = FreshRow & { count: number }
type SeriesRow = { id: number; house: string; device: string; metric: string; source: string; by: string }

/** Stored in one go, before others get their turn. */
const READINGS_A_TURN = 1_000

/**
 * Brings what can still be read of a damaged database into the new one: every reading and alarm event that the cloud
 * has not acknowledged. Under their times they are the same readings, so one that is brought twice counts once. An
 * alarm that was open is closed: if it still holds, it has been raised anew. Ends early when closed; then it is to be
 * run again.
 */
export async function salvage({ path, store, now, isClosed }: SalvageDeps): Promise<Salvaged> {
  const database = openDamaged(path)
  const found: Salvaged = { readings: 0, events: 0, unreadable: 0 }
  try {
    const noteOf = (key: string) =>
      Number(oneOf(database, 'SELECT value FROM meta WHERE key = ?', key)?.value ?? 0)
    const watermark = noteOf('watermark.readings')
    // One that is still to be stored again at its right time may stand in the cloud at the wrong one.
    // Numbers inside a batch of sealed pieces mean nothing: the cloud has all of it or may have none.
    const lastOf = (head: PieceHead & { batch_last?: number }) => head.batch_last ?? head.last
    const isDone = (head: PieceHead) =>
      head.again_ms === null && (lastOf(head) <= watermark || isSilent(head))
    const series = new Map(
      [...rowsOf<SeriesRow>(database, 'dictionary', 'id', -1)].map((row) => [row.id, storedSeries(row)]),
    )

    for (const row of rowsOf<SealedRow>(database, 'sealed', 'first', -1)) {
      if (isClosed()) return found
      if (isDone(row)) continue
      const readings = read(() => unpackSealed(row.body, numbersOf(row)).flatMap(readingsOf))
      if (!readings) found.unreadable += row.count
      const moved = (readings ?? []).map((reading) => ({ ...reading, t: reading.t + row.shift_ms }))
      await commit(row, moved)
    }
    let gathered: Reading[] = []
    let head: PieceHead | undefined
    for (const row of rowsOf<FreshRow>(database, 'fresh', 'first', -1)) {
      if (isClosed()) return found
      if (isDone(row)) continue
      const arrivals = read(() => decodeFresh(row.body, numbersOf(row), 0, { byId: (id) => series.get(id) }))
      if (!arrivals) found.unreadable += numbersOf(row)
      if (head && (!isAlike(head, row) || gathered.length >= READINGS_A_TURN)) {
        await commit(head, gathered)
        gathered = []
      }
      head = row
      for (const { entry, t, v, mark } of arrivals ?? []) {
        const { quality = 'good', detail } = mark ?? {}
        gathered.push({
          ...{ series: entry.series, t: t + row.shift_ms, value: v / entry.units, quality },
          ...(detail && { detail }),
        })
      }
    }
    if (head) await commit(head, gathered)
    // Clocks that were corrected before this came.
    for (const { boot, offsetMs, byMs } of store.corrections()) store.moveReadings({ boot, offsetMs, byMs })

    const events = [
      ...rowsOf<{ number: number; body: string }>(
        database,
        'alarm_event',
        'number',
        noteOf('watermark.alarms'),
      ),
    ]
    const open = [...rowsOf<{ rowid: number; body: string }>(database, 'open_alarm', 'rowid', -1)]
    keepEvents([...parsed(events), ...parsed(open).map(closed)])
    return found
  } finally {
    database.close()
  }

  /** `head`: what its readings were stamped by and where the cloud may have them. */
  async function commit(head: PieceHead, readings: readonly Reading[]): Promise<void> {
    const clock = clockOf(head)
    for (const movedByMs of stepsOf(head)) {
      for (let start = 0; start < readings.length; start += READINGS_A_TURN) {
        const part = readings.slice(start, start + READINGS_A_TURN)
        found.readings += store.commit({
          readings: part,
          events: [],
          ...(clock && { clock }),
          movedByMs,
        }).stored
        await nextTurn()
      }
    }
  }

  function keepEvents(events: readonly AlarmEvent[]): void {
    if (events.length > 0) store.commit({ readings: [], events })
    found.events += events.length
  }

  function closed(event: AlarmEvent): AlarmEvent {
    return { ...event, action: 'cleared', t: now() }
  }
}

/** Undefined where the bytes are not what they were. */
function read<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof ColumnsMistake) return undefined
    throw error
  }
}

function parsed(rows: readonly { body: string }[]): AlarmEvent[] {
  return rows.flatMap(({ body }) => parseEvent(body) ?? [])
}

/** From each wrong time at which the cloud may have it to the right one. What comes twice is only sent. */
function stepsOf({ again_ms, moved_by_ms }: PieceHead): number[] {
  if (again_ms === null) return [moved_by_ms]
  return moved_by_ms === 0 ? [again_ms] : [again_ms, again_ms + moved_by_ms]
}

function storedSeries({ id, house, device, metric, source, by }: SeriesRow): StoredSeries {
  const series: Series = { house, device, metric: metric as MetricId, source: source as Source, by }
  return { id, series, units: unitsOf(metric), fresh: { t: [], v: [] }, upto: 0 }
}

/** Undefined where it cannot be read. */
function oneOf(database: DamagedDatabase, sql: string, ...given: (string | number)[]) {
  try {
    return database.prepare(sql).get(...given)
  } catch {
    return undefined
  }
}

/** A page holds at most a few hundred rows. */
const LONGEST_JUMP = 2 ** 40

/**
 * The rows whose key is above `after`, in its order. Where one cannot be read it jumps ahead, further each time, until
 * it finds one that can: a damaged page costs what lies in it, not what lies behind it.
 */
function* rowsOf<Row>(database: DamagedDatabase, table: string, key: string, after: number): Generator<Row> {
  const sql = `SELECT ${key} AS "key", * FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT 1`
  let last = after
  let jump = 1
  while (jump < LONGEST_JUMP) {
    let row: Record<string, unknown> | undefined
    try {
      row = database.prepare(sql).get(last)
    } catch {
      last += jump
      jump *= 2
      continue
    }
    if (!row) return
    last = Number(row['key'])
    jump = 1
    yield row as Row
  }
}
