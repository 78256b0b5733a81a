import { routes } from '#domain/api/routes.ts'
import { type LedgerStatement, standing } from '#domain/ledger.ts'
import { type Clock, DAY, HOUR, MINUTE } from '#domain/time.ts'
import type { EdgeStore } from '../store/edge-store.ts'
import type { CloudClient } from './cloud-client.ts'
import type { Lane } from './lane.ts'
import type { OfflineTimes } from './offline-times.ts'
import type { Pause } from './repeat.ts'

export type LedgerTellingDeps = {
  store: EdgeStore
  client: CloudClient
  clock: Clock
  /** The lane `readings`. */
  lane: Pick<Lane, 'backlog' | 'sent' | 'acknowledged'>
  offline: OfflineTimes
  keepNote(key: string, value: string): void
  isWatched(): boolean
}

const LOOK_MS = 1 * MINUTE
/** The running day is told so often; a day that is over when its count has changed. The line costs money. */
const TODAY_MS = 6 * HOUR
const TODAY_WATCHED_MS = 5 * MINUTE
/** With more than this on its way the count would be of what is still being sent. */
const MANY_READINGS = 5_000
/** As far back as the page shows, and a little more. */
const DAYS = 35
const KEY = 'ledger'

/**
 * Tells the cloud what lies on the disk, day by day: it counts for itself and compares. A day is told again when its
 * count changes (late readings), and until all of it is acknowledged.
 */
export function createLedgerTelling(deps: LedgerTellingDeps): { step(): Promise<Pause> } {
  const { store, client, clock, lane, offline, keepNote, isWatched } = deps
  /** By day, the count of which the cloud was told as complete. */
  const told = readTold(store.note(KEY))
  let todayAt = Number.NEGATIVE_INFINITY

  const nextDay = (): { day: number; count: number } | undefined => {
    const today = Math.floor(clock.now() / DAY)
    const counts = store.readingsByDay()
    const over = [...counts].find(
      ([day, count]) => day < today && day > today - DAYS && told.get(day) !== count,
    )
    if (over) return { day: over[0], count: over[1] }
    const pause = isWatched() ? TODAY_WATCHED_MS : TODAY_MS
    const count = counts.get(today)
    return count !== undefined && clock.monotonic() - todayAt >= pause ? { day: today, count } : undefined
  }

  const statementOf = (day: number): LedgerStatement => {
    const room = store.room()
    return {
      at: clock.now(),
      numbers: {
        epoch: store.epoch('readings'),
        stored: store.lastNumber('readings'),
        sent: lane.sent(),
        acknowledged: lane.acknowledged(),
        ...(room?.keptSince !== undefined && { keptSince: room.keptSince }),
        ...(room?.daysLeft !== undefined && { daysLeft: Math.round(room.daysLeft * 10) / 10 }),
      },
      day: new Date(day * DAY).toISOString().slice(0, 10),
      longestOfflineMs: offline.longestOn(day),
      damaged: store.damagedOn(day),
      streams: store.streamsOf(day),
    }
  }

  return {
    async step() {
      if (lane.backlog() > MANY_READINGS || store.unproved('readings') !== undefined) return LOOK_MS
      const next = nextDay()
      if (!next) return LOOK_MS
      const statement = statementOf(next.day)
      const answer = await client.send({
        method: 'POST',
        path: routes.edgeLedger,
        json: JSON.stringify(statement),
      })
      if (answer.kind !== 'ok') return { atLeastMs: answer.retryAfterMs }
      const isToday = next.day >= Math.floor(clock.now() / DAY)
      if (isToday) todayAt = clock.monotonic()
      else if (statement.streams.every((stream) => stream.acknowledged >= standing(stream))) {
        told.set(next.day, next.count)
        for (const day of told.keys()) if (day < next.day - 2 * DAYS) told.delete(day)
        keepNote(KEY, JSON.stringify([...told]))
        return 'more'
      }
      return LOOK_MS
    },
  }
}

function readTold(text: string | undefined): Map<number, number> {
  try {
    return new Map(JSON.parse(text ?? '[]') as [number, number][])
  } catch {
    return new Map()
  }
}
