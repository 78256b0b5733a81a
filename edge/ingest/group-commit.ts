import type { AlarmEvent } from '#domain/alarm.ts'
import type { ClockStamp } from '#domain/columns/batch-header.ts'
import type { Reading } from '#domain/reading.ts'

/** What one transaction stores. `clock`: what stamped all of its readings; none: clocks of others. */
export type Group = {
  readings: Reading[]
  events: AlarmEvent[]
  clock?: ClockStamp
  /** What senders said of the time of some of them (see the store). */
  claims?: Map<Reading, number>
}

export type GroupCommit = {
  /**
   * Stores these with the next group of this clock, and then calls `done`: they are durable. False: there is no room,
   * and the readings are not kept.
   */
  add(
    readings: readonly Reading[],
    events: readonly AlarmEvent[],
    done?: () => void,
    clock?: ClockStamp,
    claims?: ReadonlyMap<Reading, number>,
  ): boolean
  /** Readings that are not durable yet. */
  waiting(): number
  /** Commits what is waiting, now. True when nothing is left. */
  flush(): boolean
}

export type GroupCommitDeps = {
  /** Writes a group durably, all of it or, when it throws, nothing. */
  commit(group: Group): void
  /** Runs `work` after `ms`. */
  schedule(work: () => void, ms: number): void
  /** Runs `work` when the event loop comes round again. */
  nextTurn(work: () => void): void
  /** The store did not take a group: it is tried again, and nothing is acknowledged meanwhile. */
  onFailed(error: unknown): void
  /** Readings or events were not kept, and not acknowledged, because the store does not take any. */
  onDropped(count: number): void
}

/** One sync to disk serves all that came within this time or number. */
export const HOLD_MS = 20
export const GROUP_READINGS = 4_000
/** With so many waiting nobody else is waited for: they are stored as soon as a turn of the loop brings no more. */
const MANY_READINGS = 200
const RETRY_MS = 1_000
/**
 * While the store is down. What comes beyond is not kept and not acknowledged: a sender that waits for that
 * sends it again.
 */
const MAX_WAITING = 50_000
/** Alarms raised meanwhile; each brings the event that clears it. */
const MAX_RAISED_WAITING = 5_000

/**
 * Gathers writes into groups. A commit runs to its end before the next message is read, so in good times no
 * more than a group and one message are ever waiting.
 */
export function createGroupCommit(deps: GroupCommitDeps): GroupCommit {
  const { commit, schedule, nextTurn, onFailed, onDropped } = deps
  /** One for each clock, in the order in which they came; mostly there is one. */
  const groups: Group[] = []
  let readingsWaiting = 0
  let eventsWaiting = 0
  let waiters: (() => void)[] = []
  let isScheduled = false
  let isWatched = false
  let isFailing = false
  /** Alarms whose raising was dropped: what clears them is dropped with it. */
  const dropped = new Set<string>()

  const groupOf = (clock: ClockStamp | undefined): Group => {
    const known = groups.find((group) => group.clock === clock || group.readings.length === 0)
    if (known) {
      if (clock) known.clock = clock
      return known
    }
    const group: Group = { readings: [], events: [], ...(clock && { clock }) }
    groups.push(group)
    return group
  }
  const addEvent = (event: AlarmEvent) => {
    const isRaised = event.action === 'raised'
    if (isRaised && eventsWaiting >= 2 * MAX_RAISED_WAITING) dropped.add(event.alarm)
    if (!dropped.has(event.alarm)) {
      const group = groups.at(-1) ?? groupOf(undefined)
      group.events.push(event)
      eventsWaiting++
      return
    }
    if (!isRaised) dropped.delete(event.alarm)
    onDropped(1)
  }
  const later = (ms: number) => {
    if (isScheduled) return
    isScheduled = true
    schedule(() => {
      isScheduled = false
      flush()
    }, ms)
  }
  /** Stores when a turn has brought nothing new. */
  const whenQuiet = () => {
    if (isWatched) return
    isWatched = true
    let before = 0
    const look = () => {
      if (readingsWaiting === before) {
        isWatched = false
        if (!isFailing) flush()
        return
      }
      before = readingsWaiting
      nextTurn(look)
    }
    nextTurn(look)
  }
  const flush = (): boolean => {
    if (groups.length === 0 && waiters.length === 0) return true
    try {
      for (const group of [...groups]) {
        if (group.readings.length + group.events.length > 0) commit(group)
        groups.shift()
        readingsWaiting -= group.readings.length
        eventsWaiting -= group.events.length
      }
    } catch (error) {
      isFailing = true
      onFailed(error)
      later(RETRY_MS)
      return false
    }
    isFailing = false
    const stored = waiters
    waiters = []
    for (const done of stored) done()
    return true
  }
  return {
    add(readings, events, done, clock, claims) {
      for (const event of events) addEvent(event)
      if (readingsWaiting + readings.length > MAX_WAITING) {
        onDropped(readings.length)
        return false
      }
      if (readings.length > 0) {
        const group = groupOf(clock)
        for (const reading of readings) group.readings.push(reading)
        if (claims?.size) {
          group.claims ??= new Map()
          for (const [reading, claimed] of claims) group.claims.set(reading, claimed)
        }
        readingsWaiting += readings.length
      }
      if (done) waiters.push(done)
      if (isFailing) return true
      if (readingsWaiting >= GROUP_READINGS) flush()
      else if (readingsWaiting >= MANY_READINGS) whenQuiet()
      else later(HOLD_MS)
      return true
    },
    waiting: () => readingsWaiting,
    flush,
  }
}
