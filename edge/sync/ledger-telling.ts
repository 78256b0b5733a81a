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

export type LedgerTelling = {
  step(): Promise<Pause>
  /** The cloud is another one, or was put back: what the last one was told this one does not know. */
  tellAnew(): void
}

const LOOK_MS = 1 * MINUTE
/** The running day is told so often. The line costs money. */
const TODAY_MS = 6 * HOUR
const TODAY_WATCHED_MS = 5 * MINUTE
/** A day that was told is told again after this at the soonest, each time after twice as long. */
const AGAIN_MS = 30 * MINUTE
const AGAIN_AT_MOST_MS = 6 * HOUR
/** With more than this on its way the count would be of what is still being sent. */
const MANY_READINGS = 5_000
/** As far back as the page shows, and a little more. */
const DAYS = 35
const KEY = 'ledger'

/**
 * Tells the cloud what lies on the disk, day by day: it counts for itself and compares. A day is told again when its
 * count changes (late readings), and until all of it is acknowledged; ever more seldom, so that one day that never
 * will be does not stand before the others.
 */
export function createLedgerTelling(deps: LedgerTellingDeps): LedgerTelling {
  const { store, client, clock, lane, offline, keepNote, isWatched } = deps
  /** By day, the count of which the cloud was told as complete. */
  const told = readTold(store.note(KEY))
  /** By day, when it was told last, complete or not, and how long after that it is not told again. */
  const rests = new Map<number, { since: number; ms: number }>()
  let todayAt = Number.NEGATIVE_INFINITY

  const isResting = (day: number) => {
    const rest = rests.get(day)
    return rest !== undefined && clock.monotonic() - rest.since < rest.ms
  }

  const letRest = (day: number) => {
    const now = clock.monotonic()
    for (const [other, { since }] of rests) if (now - since > 2 * AGAIN_AT_MOST_MS) rests.delete(other)
    const ms = Math.min(AGAIN_AT_MOST_MS, 2 * (rests.get(day)?.ms ?? AGAIN_MS / 2))
    rests.set(day, { since: now, ms })
  }

  const nextDay = (): { day: number; count: number } | undefined => {
    const today = Math.floor(clock.now() / DAY)
    const counts = store.readingsByDay()
    const over = [...counts]
      .filter(([day]) => day < today && day > today - DAYS)
      // The oldest first: the cloud learns of a stream that fell silent from the day before.
      .sort(([a], [b]) => a - b)
      .find(([day, count]) => told.get(day) !== count && !isResting(day))
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

  const keepTold = () => keepNote(KEY, JSON.stringify([...told]))

  /** Counts the times that all was forgotten: what was said to the cloud before must not pass for said after. */
  let clouds = 0
  const noteTold = ({ day, count }: { day: number; count: number }, { streams }: LedgerStatement) => {
    if (!streams.every((stream) => stream.acknowledged >= standing(stream))) return
    told.set(day, count)
    for (const old of told.keys()) if (old < day - 2 * DAYS) told.delete(old)
    keepTold()
  }

  return {
    async step() {
      if (lane.backlog() > MANY_READINGS || store.unproved('readings') !== undefined) return LOOK_MS
      const next = nextDay()
      if (!next) return LOOK_MS
      const statement = statementOf(next.day)
      const isToday = next.day >= Math.floor(clock.now() / DAY)
      const cloud = clouds
      const answer = await client.send({
        method: 'POST',
        path: routes.edgeLedger,
        json: JSON.stringify(statement),
      })
      if (cloud !== clouds) return LOOK_MS
      // What the cloud will not hear of one day is no reason to keep the others from it.
      if (answer.kind !== 'failed') {
        if (isToday) todayAt = clock.monotonic()
        else letRest(next.day)
      }
      if (answer.kind !== 'ok') return { atLeastMs: answer.retryAfterMs }
      if (isToday) return LOOK_MS
      noteTold(next, statement)
      return 'more'
    },
    tellAnew() {
      clouds++
      todayAt = Number.NEGATIVE_INFINITY
      rests.clear()
      told.clear()
      keepTold()
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
