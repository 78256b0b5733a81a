import { MAX_AHEAD_MS } from '../time.ts'
import { limitAt, type Rule } from './rule.ts'

/**
 * One rule over one series, as a pure machine.
 *
 * ```
 * normal ──condition──▶ pending ──held for forMs──▶ raised ──recovered for clearForMs──▶ normal
 *    ▲                     │
 *    └── condition ends ───┘
 *         or a gap
 * ```
 *
 * It is fed readings in the order they were measured, and ticks in between, so that a duration runs out on
 * time. A value holds until the next one, but no longer than `HOLD_MS`: a dead sensor raises no limit, it
 * raises silence, and a gap counts for no duration. To recover is to be back by the hysteresis; a limit that
 * is gone (no flock any more) has recovered. Times are those of the readings, so a backlog is judged as it
 * would have been then.
 */
export type JudgeState = {
  phase: 'normal' | 'pending' | 'raised'
  /** When the phase's condition began to hold, UTC ms. */
  since: number
  /** Since when a raised condition has recovered; undefined while it holds. */
  wellSince: number | undefined
  /** Last reading; `lastT` 0 means none yet. */
  lastT: number
  lastValue: number
  /** Recent readings, kept by `rate` rules only, without a break from `recentFrom` on (Infinity: none yet). */
  recent: readonly { t: number; value: number }[]
  recentFrom: number
}

export type JudgeInput = { t: number; value?: number }

export type JudgeChange =
  | { kind: 'raised'; since: number; at: number; value: number; limit: number }
  | { kind: 'cleared'; since: number; at: number; value: number }

/** How long a value speaks for itself after it was measured. */
export const HOLD_MS = 3 * 60_000
/** A rate has recovered when it is below this share of its change: noise about the limit is one alarm. */
const CALM_SHARE = 2 / 3

const nothingRecent = { recent: [], recentFrom: Number.POSITIVE_INFINITY } as const

export function freshState(t: number): JudgeState {
  return {
    ...{ phase: 'normal', since: t, wellSince: undefined },
    ...{ lastT: 0, lastValue: Number.NaN },
    ...nothingRecent,
  }
}

/** A state that carries on from an alarm that was open when the judge last stopped. */
export function raisedState(since: number, value: number): JudgeState {
  return { ...freshState(since), phase: 'raised', lastT: since, lastValue: value }
}

/** The same state after its clock was put forward by `ms` (back: below 0). An alarm keeps its beginning, its name. */
export function shiftState(state: JudgeState, ms: number): JudgeState {
  if (state.lastT === 0) return state
  return {
    ...state,
    since: state.phase === 'raised' ? state.since : state.since + ms,
    wellSince: state.wellSince === undefined ? undefined : state.wellSince + ms,
    lastT: state.lastT + ms,
    recent: state.recent.map(({ t, value }) => ({ t: t + ms, value })),
    recentFrom: state.recentFrom + ms,
  }
}

/**
 * Takes one input. One a little older than the last reading is ignored: the judge has moved on (late data has
 * a judge of its own). One much older says that the clock was set back: the judge goes on from there.
 */
export function judge(
  rule: Rule,
  ageDays: number | undefined,
  before: JudgeState,
  input: JudgeInput,
): { state: JudgeState; change?: JudgeChange } {
  const state = resume(before, input)
  if (input.t < state.lastT) return { state }
  const seen = remember(rule, state, input)
  const verdict = evaluate(rule, ageDays, seen, input)
  if (verdict.holds === undefined) return { state: seen }
  if (seen.phase === 'raised') {
    const wellSince = verdict.holds ? undefined : (seen.wellSince ?? input.t)
    if (wellSince === undefined || input.t - wellSince < (rule.clearForMs ?? 0))
      return { state: { ...seen, wellSince } }
    const change = { kind: 'cleared', since: seen.since, at: input.t, value: seen.lastValue } as const
    return { state: { ...seen, phase: 'normal', since: input.t, wellSince: undefined }, change }
  }
  if (!verdict.holds)
    return { state: seen.phase === 'normal' ? seen : { ...seen, phase: 'normal', since: input.t } }
  const since = seen.phase === 'pending' ? seen.since : verdict.since
  if (input.t - since < rule.forMs) return { state: { ...seen, phase: 'pending', since } }
  const change = { kind: 'raised', since, at: input.t, value: seen.lastValue, limit: verdict.limit } as const
  return { state: { ...seen, phase: 'raised', since }, change }
}

/** What still counts of the state at this input: no duration runs through a gap or a clock set back. */
function resume(state: JudgeState, { t, value }: JudgeInput): JudgeState {
  const isSetBack = state.lastT - t > MAX_AHEAD_MS
  const isAfterGap = value !== undefined && state.lastT > 0 && t - state.lastT > HOLD_MS
  if (!isSetBack && !isAfterGap) return state
  const anew: JudgeState = {
    ...state,
    wellSince: undefined,
    ...(state.phase === 'pending' && { phase: 'normal', since: t }),
  }
  return isSetBack ? { ...anew, lastT: t, ...nothingRecent } : anew
}

function remember(rule: Rule, state: JudgeState, { t, value }: JudgeInput): JudgeState {
  if (value === undefined) return state
  if (rule.condition.kind !== 'rate') return { ...state, lastT: t, lastValue: value }
  const earliest = t - rule.condition.withinMs
  const recent = [...state.recent.filter((reading) => reading.t >= earliest), { t, value }]
  return { ...state, lastT: t, lastValue: value, recent, recentFrom: Math.min(state.recentFrom, t) }
}

type Verdict = { holds: true; since: number; limit: number } | { holds: false } | { holds: undefined }

/** Whether the condition holds now; undefined when nothing can be said. */
function evaluate(rule: Rule, ageDays: number | undefined, state: JudgeState, input: JudgeInput): Verdict {
  const { condition } = rule
  const { t } = input
  if (condition.kind === 'silent') {
    // A series that never spoke has no due time yet: the installer sees it in the device list.
    if (state.lastT === 0) return { holds: undefined }
    // Only a reading ends a silence, not a clock.
    if (state.phase === 'raised' && input.value === undefined) return { holds: undefined }
    const due = state.lastT + condition.afterMs
    return t > due ? { holds: true, since: due, limit: condition.afterMs } : { holds: false }
  }
  const isStale = state.lastT === 0 || t - state.lastT > HOLD_MS
  if (condition.kind === 'rate') return isStale ? { holds: undefined } : evaluateRate(condition, state, t)
  const limit = limitAt(condition.limit, ageDays)
  if (limit === undefined) return { holds: false }
  if (isStale) return { holds: undefined }
  const sign = condition.kind === 'above' ? 1 : -1
  const excess = sign * (state.lastValue - limit)
  const holds = state.phase === 'raised' ? excess > -condition.hysteresis : excess > 0
  return holds ? { holds, since: state.lastT, limit } : { holds }
}

type RateCondition = Extract<Rule['condition'], { kind: 'rate' }>

function evaluateRate({ change, withinMs }: RateCondition, state: JudgeState, t: number): Verdict {
  const sign = Math.sign(change)
  let base = Number.POSITIVE_INFINITY
  for (const reading of state.recent)
    if (reading.t >= t - withinMs) base = Math.min(base, sign * reading.value)
  const moved = sign * state.lastValue - base
  const isRaised = state.phase === 'raised'
  if (moved >= Math.abs(change) * (isRaised ? CALM_SHARE : 1))
    return { holds: true, since: state.lastT, limit: change }
  // After a restart a movement is seen again only when the window has been filled.
  return isRaised && t - state.recentFrom < withinMs ? { holds: undefined } : { holds: false }
}
