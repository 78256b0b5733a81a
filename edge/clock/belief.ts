import { HOUR, MAX_AHEAD_MS, MINUTE, SECOND } from '#domain/time.ts'

/**
 * What the edge believes the time to be, as a pure machine: an offset from the time since boot, which never jumps, to
 * UTC, and how well it is known.
 *
 * ```
 *          first look                the system's clock was synchronised        the cloud agrees
 *   start ───────────▶ none ───────────────────────────────────────▶ system ─────────────────▶ cloud
 *                       │                  the cloud says when it is                             ▲
 *                       └────────────────────────────────────────────────────────────────────────┘
 * ```
 *
 * Untrusted, the wall clock is followed wherever it is set to; trusted, it is not: whoever set it, the time since
 * boot is the better witness, and only the cloud, said several times, is a better one still.
 */
export type Belief = {
  /** UTC ms less ms since boot: whole ms. */
  offsetMs: number
  trust: 'none' | 'system' | 'cloud'
  /** The same of the system's wall clock. */
  systemOffsetMs: number
  /** When the system's clock was last synchronised, by itself. */
  syncedAt?: number
  /** The cloud's time lies in between: offsets, as known at that time since boot. */
  cloud?: { lowMs: number; highMs: number; monoMs: number }
  /** The cloud contradicts what was known. */
  dispute?: { sinceMs: number; answers: number }
}

export type Happening =
  /** The time is known now, or known better: what was stamped otherwise is wrong. */
  | { kind: 'known'; by: 'system' | 'cloud'; byMs: number }
  /** The wall clock was set while nothing better was known. */
  | { kind: 'followed'; byMs: number }
  /** A first guess was taken while nothing better was known. */
  | { kind: 'guessed'; byMs: number }
  /** The wall clock was set, and is not believed. */
  | { kind: 'jumped'; byMs: number }
  /** The cloud contradicts what was known, and is not believed (yet). */
  | { kind: 'disputed'; byMs: number }

type Step = { belief: Belief; happening?: Happening }

/** What a machine shows of its clocks at one moment. `syncedAt`: its wall clock when it was last synchronised. */
export type Look = { monoMs: number; wallMs: number; syncedAt?: number | undefined }
/** An answer of the cloud: its `Date`, which drops the fraction of the second, and the whole round trip. */
export type CloudDate = { monoMs: number; dateMs: number; rttMs: number }

/** Written in 2025: a clock that shows an earlier time was never set. */
export const EARLIEST_NOW = Date.UTC(2025, 0, 1)
/** Two times that differ by less are the same: what was stamped stays as it is. */
export const SAME_MS = 2 * SECOND
/** The parts of a million by which a cheap quartz runs wrong, hot or cold, with room. */
export const DRIFT = 200e-6
/** Smaller steps of the wall clock are the rounding of its ms, or adjustments that add up before they count. */
const STEP_MS = 50
/** A machine synchronises at least every 34 min (systemd-timesyncd); a mark older than this says nothing of now. */
const SYNC_HOLDS_MS = 2 * HOUR
/** A busy cloud stamps its answers a little late. */
const DATE_SLACK_MS = 250
/** An answer that took longer was waited for (a long poll), and says next to nothing of when it was written. */
const LONGEST_RTT_MS = 30 * SECOND
/** A quartz runs away slowly: the offset follows in steps of this size, as each is a clock stamp of its own. */
const ADJUST_MS = 500
const DISPUTE_MS = 3 * MINUTE
const DISPUTE_ANSWERS = 3

/**
 * The first belief of a boot. A machine without a battery for its clock comes up where it was switched off, in 1970, or
 * when its system was built: evidently in the past if it is before the newest reading (`newestT`) that it has itself
 * stored. Then time goes on from there, so that new readings come after old ones until the time is known.
 */
export function firstBelief({ monoMs, wallMs }: Look, newestT: number | undefined): Belief {
  const systemOffsetMs = Math.round(wallMs - monoMs)
  const isPast = wallMs < EARLIEST_NOW || (newestT !== undefined && wallMs < newestT - MAX_AHEAD_MS)
  const from = Math.max(newestT ?? 0, EARLIEST_NOW) + SECOND
  return { offsetMs: isPast ? Math.round(from - monoMs) : systemOffsetMs, trust: 'none', systemOffsetMs }
}

/** What the machine's own clocks say. Call it some times a second. */
export function look(before: Belief, { monoMs, wallMs, syncedAt }: Look): Step {
  const systemOffsetMs = Math.round(wallMs - monoMs)
  const stepMs = systemOffsetMs - before.systemOffsetMs
  const isStep = Math.abs(stepMs) >= STEP_MS
  const isNewSync = syncedAt !== undefined && syncedAt !== before.syncedAt && isFreshSync(wallMs, syncedAt)
  if (!isStep && !isNewSync) return { belief: before }
  const belief: Belief = { ...before, systemOffsetMs, ...(isNewSync && { syncedAt }) }
  if (before.trust === 'cloud') return isStep ? { belief, ...notBelieved(belief) } : { belief }
  const byMs = systemOffsetMs - before.offsetMs
  if (isNewSync) {
    belief.trust = 'system'
    if (Math.abs(byMs) >= STEP_MS) belief.offsetMs = systemOffsetMs
    const isNews = before.trust === 'none' || Math.abs(byMs) > SAME_MS
    return isNews ? { belief, happening: { kind: 'known', by: 'system', byMs } } : { belief }
  }
  if (before.trust === 'system') {
    if (Math.abs(byMs) > SAME_MS) return { belief, ...notBelieved(belief) }
    return { belief: { ...belief, offsetMs: systemOffsetMs } }
  }
  if (wallMs < EARLIEST_NOW) return { belief }
  return { belief: { ...belief, offsetMs: systemOffsetMs }, happening: { kind: 'followed', byMs } }
}

/** Nothing to tell where the wall clock has come back to what is believed. */
function notBelieved({ systemOffsetMs, offsetMs }: Belief): { happening?: Happening } {
  const byMs = systemOffsetMs - offsetMs
  return Math.abs(byMs) <= SAME_MS ? {} : { happening: { kind: 'jumped', byMs } }
}

function isFreshSync(wallMs: number, syncedAt: number): boolean {
  return Math.abs(wallMs - syncedAt) < SYNC_HOLDS_MS
}

/** An answer of the cloud, over a connection that proved that it is the cloud's. */
export function hearCloud(before: Belief, { monoMs, dateMs, rttMs }: CloudDate): Step {
  if (rttMs > LONGEST_RTT_MS) return { belief: before }
  const heard = {
    lowMs: dateMs - monoMs,
    highMs: dateMs - monoMs + SECOND + rttMs + DATE_SLACK_MS,
    monoMs,
  }
  const { offsetMs, systemOffsetMs } = before
  const cloud = narrowed(before.cloud, heard)
  const gapMs = gapTo(offsetMs, cloud)
  const isKnown = before.trust !== 'none'
  const { dispute: _, ...undisputed } = before
  const agreed: Belief = { ...undisputed, trust: 'cloud', cloud }
  if (gapMs === 0 || (before.trust === 'cloud' && Math.abs(gapMs) < ADJUST_MS))
    return before.trust === 'cloud'
      ? { belief: agreed }
      : { belief: agreed, happening: { kind: 'known', by: 'cloud', byMs: 0 } }

  const target =
    gapTo(systemOffsetMs, heard) === 0 ? systemOffsetMs : Math.round((cloud.lowMs + cloud.highMs) / 2)
  const driftMs = before.cloud ? DRIFT * (monoMs - before.cloud.monoMs) : 0
  if (isKnown && Math.abs(gapMs) <= SAME_MS + driftMs) return { belief: { ...agreed, offsetMs: target } }

  const known: Step = {
    belief: { ...agreed, cloud: heard, offsetMs: target },
    happening: { kind: 'known', by: 'cloud', byMs: target - offsetMs },
  }
  if (!isKnown) return known
  const dispute = {
    sinceMs: before.dispute?.sinceMs ?? monoMs,
    answers: (before.dispute?.answers ?? 0) + 1,
  }
  // Two witnesses, time servers and the time since boot, against one: then the cloud's own clock is wrong.
  const isOutvoted =
    before.syncedAt !== undefined &&
    isFreshSync(systemOffsetMs + monoMs, before.syncedAt) &&
    Math.abs(systemOffsetMs - offsetMs) <= SAME_MS
  const isSettled = dispute.answers >= DISPUTE_ANSWERS && monoMs - dispute.sinceMs >= DISPUTE_MS
  if (isSettled && !isOutvoted) return known
  return { belief: { ...before, dispute }, happening: { kind: 'disputed', byMs: target - offsetMs } }
}

type Bounds = NonNullable<Belief['cloud']>

/** What both allow, the earlier one widened by how far clocks may have drifted apart since; else what was heard now. */
function narrowed(before: Bounds | undefined, heard: Bounds): Bounds {
  if (!before) return heard
  const driftMs = DRIFT * (heard.monoMs - before.monoMs)
  const lowMs = Math.max(heard.lowMs, before.lowMs - driftMs)
  const highMs = Math.min(heard.highMs, before.highMs + driftMs)
  return lowMs <= highMs ? { lowMs, highMs, monoMs: heard.monoMs } : heard
}

/** By how much an offset has to grow (shrink: below 0) to lie within. */
function gapTo(offsetMs: number, { lowMs, highMs }: Pick<Bounds, 'lowMs' | 'highMs'>): number {
  if (offsetMs < lowMs) return lowMs - offsetMs
  return offsetMs > highMs ? highMs - offsetMs : 0
}
