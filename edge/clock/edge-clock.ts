import type { ClockStamp } from '#domain/columns/batch-header.ts'
import { type BootClock, type Clock, DAY } from '#domain/time.ts'
import type { Counters } from '../counters.ts'
import type { Correction, EdgeStore } from '../store/edge-store.ts'
import { type Belief, firstBelief, type Happening, hearCloud, type Look, look } from './belief.ts'
import { type ClockNote, type Earlier, readClockNote, type Used } from './clock-note.ts'
import { durationText } from './duration-text.ts'
import { type WrongStamp, wrongOfEarlier, wrongOfThisBoot } from './wrong-stamps.ts'

/** The believed time went on elsewhere: what is held in memory by it has to go along. */
export type ClockStep = {
  byMs: number
  /** What the clock before the step had stamped in between was wrong by this; nothing, where it only ran away. */
  wrong?: { fromT: number; toT: number }
}

/**
 * The edge's own clock: `now()` is the believed time, which no setting of the machine's wall clock moves once it is
 * known. When it becomes known, what this clock stamped wrong before is moved.
 */
export type EdgeClock = Clock & {
  boot: string
  /** What stamps a reading now: the same object until the offset changes. */
  stamp(): ClockStamp
  /**
   * What stamps a reading that came now with a time t of its sender's; undefined where that was long ago. If this clock
   * proves to be ahead by more than that, such a reading came before it was measured: then its sender's clock is as
   * wrong as this one, and it is moved along.
   */
  stampOfOther(t: number): ClockStamp | undefined
  isKnown(): boolean
  /** Looks at the machine's clocks, and moves what is still to be moved. Call a few times a second. */
  look(): void
  /** The `Date` of an answer that came from the cloud for sure, and how long it took. */
  onDate(dateMs: number, rttMs: number): void
  /** A first guess from somebody who did not quite prove to be the cloud: taken while nothing better is known. */
  guess(dateMs: number): void
  status(): ClockStatus
}

/** For the health page. */
export type ClockStatus = {
  /** Who says so: nobody, the time servers of the machine, or the cloud. */
  knownBy: Belief['trust']
  boot: string
  /** The machine's wall clock less this one, ms. */
  systemAheadMs: number
  corrections: Correction[]
}

export type ClockStore = Pick<EdgeStore, 'note' | 'setNote' | 'moveReadings' | 'moveEvents' | 'corrections'>

export type EdgeClockDeps = {
  machine: BootClock
  /** When the machine's wall clock was last synchronised, by itself. */
  syncedAt(): number | undefined
  store: ClockStore
  /** Time of the newest reading that is stored. */
  newestT: number | undefined
  counters: Counters
  /** Stores what waits under its stamp; false while the store takes nothing. */
  settle(): boolean
  onStep(step: ClockStep): void
}

const NOTE = 'clock'
const MOST_USED = 100
const MOST_EARLIER = 20
const SHOWN_CORRECTIONS = 10
const RETRY_MS = 1_000

export function createEdgeClock(deps: EdgeClockDeps): EdgeClock {
  const { machine, store, counters } = deps
  const { boot } = machine
  const lookNow = (): Look => ({
    monoMs: machine.monotonic(),
    wallMs: machine.now(),
    syncedAt: deps.syncedAt(),
  })
  const kept = readClockNote(store.note(NOTE))
  const isSameBoot = kept?.boot === boot
  let belief: Belief = isSameBoot ? beliefOf(kept) : firstBelief(lookNow(), deps.newestT)
  let used: Used[] = isSameBoot ? kept.used : []
  let earlier: Earlier[] = isSameBoot ? kept.earlier : earlierOf(kept, deps.newestT)
  let stamp: ClockStamp = { boot, offsetMs: belief.offsetMs }
  let stampOfOthers = ofOthers(stamp)
  let isNoted = false
  /** The time has become known, and it is not yet looked after whether everything is stamped by it. */
  let isToMove = belief.trust !== 'none' && used.some(({ isKnown }) => !isKnown)
  let triedAt = Number.NEGATIVE_INFINITY
  /** What a try that failed half way has moved: boots and offsets. */
  const moved = new Set<string>()

  const note = () => {
    const { offsetMs, trust, systemOffsetMs, syncedAt } = belief
    const body: ClockNote = {
      ...{ boot, offsetMs, trust, systemOffsetMs, used, earlier },
      ...(syncedAt !== undefined && { syncedAt }),
    }
    isNoted = attempt(() => store.setNote(NOTE, JSON.stringify(body)))
  }
  const attempt = (work: () => void): boolean => {
    try {
      work()
      return true
    } catch (error) {
      counters.count('store.commit-failed', `clock: ${error}`)
      return false
    }
  }

  /** The offset stands in the note before anything is stored under it, else a later start could not correct it. */
  const use = () => {
    // One offset, one meaning: what is stamped with it in one stretch of time is right or wrong together.
    while (used.some(({ offsetMs }) => offsetMs === belief.offsetMs)) belief.offsetMs++
    const isKnown = belief.trust !== 'none'
    used.push({ offsetMs: belief.offsetMs, fromMs: machine.monotonic(), isKnown })
    if (used.length > MOST_USED) used = used.toSpliced(oldestKnown(used), 1)
    stamp = { boot, offsetMs: belief.offsetMs }
    stampOfOthers = ofOthers(stamp)
  }

  const take = (next: Belief, happening: Happening | undefined) => {
    const before = belief
    belief = { ...next }
    if (happening?.kind === 'followed' && used.length >= MOST_USED) belief.offsetMs = before.offsetMs
    const isMoved = belief.offsetMs !== before.offsetMs
    const wasWrong = happening !== undefined && happening.kind !== 'jumped' && happening.kind !== 'disputed'
    if (isMoved) {
      const fromT = before.offsetMs + (used.find(({ isKnown }) => !isKnown)?.fromMs ?? 0)
      const toT = before.offsetMs + machine.monotonic()
      use()
      deps.onStep({ byMs: belief.offsetMs - before.offsetMs, ...(wasWrong && { wrong: { fromT, toT } }) })
    }
    if (happening) tell(happening)
    if (happening?.kind === 'known') isToMove = true
    const isNews = isMoved || belief.trust !== before.trust || belief.syncedAt !== before.syncedAt
    if (isNews || belief.systemOffsetMs !== before.systemOffsetMs) note()
  }

  const tell = ({ kind, byMs, ...rest }: Happening) => {
    const by = durationText(byMs)
    const t = isoOf(now())
    if (kind === 'known' && byMs !== 0) {
      const who = 'by' in rest && rest.by === 'cloud' ? 'the cloud' : 'the time servers'
      counters.count('clock.known', `it is ${t} by ${who}: ${by} what was believed`)
    } else if (kind === 'known') counters.count('clock.known')
    else if (kind === 'followed') counters.count('clock.followed', `now ${t}, ${by} before`)
    else if (kind === 'guessed') counters.count('clock.guessed', `it is about ${t}, ${by} what was believed`)
    else if (kind === 'jumped') counters.count('clock.jumped', `it shows a time ${by} ${t}, which stands`)
    else counters.count('clock.disputed', `it says a time ${by} ${t}, which stands`)
  }

  const moveWhatIsWrong = () => {
    const monoMs = machine.monotonic()
    if (!isToMove || monoMs - triedAt < RETRY_MS) return
    triedAt = monoMs
    if (!deps.settle()) return
    const wrong = [
      ...wrongOfEarlier(earlier, belief.offsetMs),
      ...wrongOfThisBoot(boot, used, belief, monoMs),
    ]
    isToMove = !attempt(() => {
      for (const one of wrong) move(one)
    })
    if (isToMove) return
    triedAt = Number.NEGATIVE_INFINITY
    moved.clear()
    // What was moved stands under the present stamp now.
    const areMoved = new Set(wrong.filter((one) => one.boot === boot).map(({ offsetMs }) => offsetMs))
    used = used.filter(({ offsetMs }) => !areMoved.has(offsetMs)).map((one) => ({ ...one, isKnown: true }))
    earlier = []
    note()
  }
  const move = ({ boot: of, offsetMs, byMs, fromT, toT, isGuess }: WrongStamp) => {
    const name = `${of}|${offsetMs}`
    if (moved.has(name)) return
    // Readings first: they stand under another stamp then, and are not moved twice if the rest fails.
    const stamps = [{ boot: of, offsetMs }]
    if (byMs <= -OTHERS_MS) stamps.unshift(...stamps.map(ofOthers))
    const done = stamps.map((one) => store.moveReadings({ ...one, byMs, at: now() }))
    store.moveEvents({ fromT, toT, byMs })
    moved.add(name)
    const count = done.reduce((sum, { inPlace, again }) => sum + inPlace + again, 0)
    if (count === 0) return
    const what = `${count} readings stood ${durationText(-byMs)} their time, and were moved`
    const how = isGuess ? ': their clock was never set, and they ended before the machine was started' : ''
    counters.count('clock.readings-moved', what + how, count)
  }

  const now = () => Math.floor(machine.monotonic() + belief.offsetMs)

  if (used.length === 0) use()
  note()

  return {
    boot,
    now,
    monotonic: machine.monotonic,
    stamp: () => stamp,
    stampOfOther: (t) => (now() - t < OTHERS_MS ? stampOfOthers : undefined),
    isKnown: () => belief.trust !== 'none',
    look() {
      const { belief: next, happening } = look(belief, lookNow())
      if (next !== belief) take(next, happening)
      if (!isNoted) note()
      moveWhatIsWrong()
    },
    onDate(dateMs, rttMs) {
      const { belief: next, happening } = hearCloud(belief, { monoMs: machine.monotonic(), dateMs, rttMs })
      if (next !== belief) take(next, happening)
      moveWhatIsWrong()
    },
    guess(dateMs) {
      const byMs = Math.round(dateMs - now())
      if (belief.trust !== 'none' || Math.abs(byMs) < GUESS_STEP_MS) return
      take({ ...belief, offsetMs: belief.offsetMs + byMs }, { kind: 'guessed', byMs })
    },
    status: () => ({
      knownBy: belief.trust,
      boot,
      systemAheadMs: Math.round(machine.now() - now()),
      corrections: store
        .corrections()
        .filter(({ inPlace, again }) => inPlace + again > 0)
        .slice(-SHOWN_CORRECTIONS),
    }),
  }
}

const GUESS_STEP_MS = 60_000
/** A live value, or a backlog of a short time. */
const OTHERS_MS = 1 * DAY

/** A boot of its own: what others stamped is told apart, and moved apart. */
function ofOthers({ boot, offsetMs }: ClockStamp): ClockStamp {
  const last = Number.parseInt(boot.slice(-1), 16)
  return { boot: boot.slice(0, -1) + (last ^ 1).toString(16), offsetMs }
}

function beliefOf({ offsetMs, trust, systemOffsetMs, syncedAt }: ClockNote): Belief {
  return { offsetMs, trust, systemOffsetMs, ...(syncedAt !== undefined && { syncedAt }) }
}

/** The boot before this one joins those whose time was never known, unless it was. */
function earlierOf(kept: ClockNote | undefined, newestT: number | undefined): Earlier[] {
  if (!kept) return []
  const isUnknown = kept.trust === 'none' && newestT !== undefined
  const own = isUnknown ? [{ boot: kept.boot, used: kept.used, newestT }] : []
  return [...kept.earlier, ...own].slice(-MOST_EARLIER)
}

function oldestKnown(used: readonly Used[]): number {
  return Math.max(
    0,
    used.findIndex(({ isKnown }) => isKnown),
  )
}

const isoOf = (t: number) => new Date(t).toISOString()
