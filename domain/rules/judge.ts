import { limitAt, type Rule } from './rule.ts'

/**
 * One rule over one series, as a pure machine.
 *
 * ```
 * normal ──condition──▶ pending ──held for forMs──▶ raised ──recovered by hysteresis──▶ normal
 *    ▲                     │
 *    └────── condition ends┘
 * ```
 *
 * It is fed readings in the order they were measured, and ticks in between, so that a for-duration runs out
 * on time. A value holds until the next one, but no longer than `HOLD_MS`: a dead sensor raises no limit, it
 * raises silence. Times are those of the readings, so a backlog is judged as it would have been then.
 */
export type JudgeState = {
  phase: 'normal' | 'pending' | 'raised'
  /** When the phase's condition began to hold, UTC ms. */
  since: number
  /** Last reading; `lastT` 0 means none yet. */
  lastT: number
  lastValue: number
  /** Recent readings, kept by `rate` rules only. */
  recent: readonly { t: number; value: number }[]
}

export type JudgeInput = { t: number; value?: number }

export type JudgeChange =
  | { kind: 'raised'; since: number; at: number; value: number; limit: number }
  | { kind: 'cleared'; since: number; at: number; value: number }

/** How long a value speaks for itself after it was measured. */
export const HOLD_MS = 3 * 60_000

export function freshState(t: number): JudgeState {
  return { phase: 'normal', since: t, lastT: 0, lastValue: Number.NaN, recent: [] }
}

/** A state that carries on from an alarm that was open when the judge last stopped. */
export function raisedState(since: number, value: number): JudgeState {
  return { phase: 'raised', since, lastT: since, lastValue: value, recent: [] }
}

/**
 * Takes one input. A reading older than the last one is ignored: the judge has moved on (late data has a
 * judge of its own).
 */
export function judge(
  rule: Rule,
  ageDays: number | undefined,
  state: JudgeState,
  input: JudgeInput,
): { state: JudgeState; change?: JudgeChange } {
  if (input.t < state.lastT) return { state }
  const seen = remember(rule, state, input)
  const verdict = evaluate(rule, ageDays, seen, input)
  if (verdict.holds === undefined) return { state: seen }
  if (seen.phase === 'raised') {
    if (verdict.holds) return { state: seen }
    const change = { kind: 'cleared', since: seen.since, at: input.t, value: seen.lastValue } as const
    return { state: { ...seen, phase: 'normal', since: input.t }, change }
  }
  if (!verdict.holds)
    return { state: seen.phase === 'normal' ? seen : { ...seen, phase: 'normal', since: input.t } }
  const since = seen.phase === 'pending' ? seen.since : verdict.since
  if (input.t - since < rule.forMs) return { state: { ...seen, phase: 'pending', since } }
  const change = { kind: 'raised', since, at: input.t, value: seen.lastValue, limit: verdict.limit } as const
  return { state: { ...seen, phase: 'raised', since }, change }
}

function remember(rule: Rule, state: JudgeState, { t, value }: JudgeInput): JudgeState {
  if (value === undefined) return state
  if (rule.condition.kind !== 'rate') return { ...state, lastT: t, lastValue: value }
  const earliest = t - rule.condition.withinMs
  const recent = [...state.recent.filter((reading) => reading.t >= earliest), { t, value }]
  return { ...state, lastT: t, lastValue: value, recent }
}

type Verdict = { holds: true; since: number; limit: number } | { holds: false } | { holds: undefined }

/** Whether the condition holds now; undefined when nothing can be said. */
function evaluate(rule: Rule, ageDays: number | undefined, state: JudgeState, { t }: JudgeInput): Verdict {
  const { condition } = rule
  if (condition.kind === 'silent') {
    // A series that never spoke has no due time yet: the installer sees it in the device list.
    if (state.lastT === 0) return { holds: undefined }
    const due = state.lastT + condition.afterMs
    return t > due ? { holds: true, since: due, limit: condition.afterMs } : { holds: false }
  }
  if (state.lastT === 0 || t - state.lastT > HOLD_MS) return { holds: undefined }
  if (condition.kind === 'rate') return evaluateRate(condition.change, state, t)
  const limit = limitAt(condition.limit, ageDays)
  if (limit === undefined) return { holds: undefined }
  const sign = condition.kind === 'above' ? 1 : -1
  const excess = sign * (state.lastValue - limit)
  const holds = state.phase === 'raised' ? excess > -condition.hysteresis : excess > 0
  return holds ? { holds, since: state.lastT, limit } : { holds }
}

function evaluateRate(change: number, { recent, lastValue, lastT }: JudgeState, t: number): Verdict {
  const sign = Math.sign(change)
  const base = recent.reduce((best, { value }) => Math.min(best, sign * value), Number.POSITIVE_INFINITY)
  const moved = sign * lastValue - base
  return moved >= Math.abs(change)
    ? { holds: true, since: Math.min(lastT, t), limit: change }
    : { holds: false }
}
