import { type AlarmEvent, alarmId } from '#domain/alarm.ts'
import { type MetricId, metrics } from '#domain/metrics.ts'
import type { Reading, Series } from '#domain/reading.ts'
import {
  freshState,
  HOLD_MS,
  type JudgeChange,
  type JudgeInput,
  type JudgeState,
  judge,
  raisedState,
  shiftState,
} from '#domain/rules/judge.ts'
import type { Rule } from '#domain/rules/rule.ts'
import { MAX_AHEAD_MS } from '#domain/time.ts'
import type { ClockStep } from '../clock/edge-clock.ts'

/**
 * Runs every rule over every series of its metric. What arrives late has a judge of its own: it tells only
 * of alarms that began and ended, as a pair for the history. One that still holds when live values resume is
 * handed to the live judge and raised at once, with its true beginning.
 */
export type RuleRunner = {
  take(reading: Reading, late: boolean): void
  /** Lets durations and silences run out. Call a few times a second with the same clock's time, UTC ms. */
  tick(now: number): void
  /**
   * That clock was corrected: what waits goes on waiting for as long as if it had always been right, and nothing is
   * raised or cleared by it. An alarm that began by the wrong clock began at another time; it keeps its name.
   */
  step(step: ClockStep): void
  /**
   * A device that reports its contacts only when they change is there: what it said last still holds, and
   * silence of these is none.
   */
  present(house: string, device: string, now: number): void
  /** A series that has spoken in an earlier life: it is due again from `now` on. */
  expect(series: Series, now: number): void
}

export type RuleRunnerDeps = {
  rules: readonly Rule[]
  /** Age of the house's flock at that time, in days. */
  ageDays(house: string, t: number): number | undefined
  /** Alarms that were open when the edge last stopped. */
  openAlarms: readonly AlarmEvent[]
  /** A live alarm was raised or cleared. */
  onEvent(event: AlarmEvent, rule: Rule): void
  /** An alarm that came and went before it could be told. */
  onLatePair(raised: AlarmEvent, cleared: AlarmEvent): void
}

type Watch = {
  rule: Rule
  series: Series
  live: JudgeState
  /** The alarm as it was raised: its name and its limit are those of the `cleared` event too. */
  told: Told | undefined
  late?: Late
}
type Told = Pick<AlarmEvent, 'alarm' | 'limit'>
type Late = { state: JudgeState; raised?: AlarmEvent }

/** A `rate` rule remembers every reading of its span: one a second is enough, and bounds it. */
const RATE_STEP_MS = 1_000

export function createRuleRunner({
  rules,
  ageDays,
  openAlarms,
  onEvent,
  onLatePair,
}: RuleRunnerDeps): RuleRunner {
  const watches = new Map<Series, Watch[]>()
  const all: Watch[] = []
  const open = new Map(openAlarms.map((event) => [watchKey(event.house, event.device, event.rule), event]))

  const watch = (series: Series): Watch[] => {
    const known = watches.get(series)
    if (known) return known
    const own = rules
      .filter(({ metric }) => metric === series.metric)
      .map((rule): Watch => {
        const key = watchKey(series.house, series.device, rule.id)
        const event = open.get(key)
        open.delete(key)
        return {
          rule,
          series,
          live: event ? raisedState(event.since, event.value ?? Number.NaN) : freshState(0),
          told: event,
        }
      })
    watches.set(series, own)
    all.push(...own)
    return own
  }

  const step = (one: Watch, t: number, value?: number) => {
    const { state, change } = judge(one.rule, ageDays(one.series.house, t), one.live, {
      t,
      ...(value !== undefined && { value }),
    })
    one.live = state
    if (!change) return
    const event = eventOf(one, change, one.told, false)
    one.told = event
    onEvent(event, one.rule)
  }

  const stepLate = (one: Watch, { t, value }: Reading) => {
    // The same backlog again, or an older one: it is judged from its own beginning.
    if (!one.late || one.late.state.lastT - t > MAX_AHEAD_MS) one.late = { state: freshState(0) }
    // Nobody ticked then: across a gap the last value is heard out first, as it would have been.
    const heldUntil = one.late.state.lastT + HOLD_MS
    if (one.late.state.phase !== 'normal' && t > heldUntil) judgeLate(one, one.late, { t: heldUntil })
    judgeLate(one, one.late, { t, value })
  }

  const judgeLate = (one: Watch, late: Late, input: JudgeInput) => {
    const { state, change } = judge(one.rule, ageDays(one.series.house, input.t), late.state, input)
    late.state = state
    if (!change) return
    const event = eventOf(one, change, late.raised, true)
    if (change.kind === 'raised') late.raised = event
    else if (late.raised) {
      onLatePair(late.raised, event)
      delete late.raised
    }
  }

  /** A live value meets what the backlog left: over by now, it is told as a pair; still so, the live judge has it. */
  const meetBacklog = (one: Watch, reading: Reading) => {
    if (!one.late || one.late.state.phase === 'normal') return
    const isKnown = one.live.phase === 'raised'
    if (isKnown && one.live.since === one.late.state.since) {
      delete one.late
      return
    }
    stepLate(one, reading)
    const { state, raised } = one.late
    if (isKnown || state.phase === 'normal' || state.wellSince !== undefined) return
    one.live = state
    delete one.late
    if (!raised) return
    one.told = raised
    onEvent({ ...raised, late: false }, one.rule)
  }

  const stepped = (state: JudgeState, { byMs, wrong }: ClockStep): JudgeState => {
    const moved = shiftState(state, byMs)
    const beganWrong = wrong !== undefined && state.since >= wrong.fromT && state.since <= wrong.toT
    return state.phase === 'raised' && beganWrong ? { ...moved, since: state.since + byMs } : moved
  }

  return {
    take(reading, late) {
      for (const one of watch(reading.series)) {
        const { kind } = one.rule.condition
        // Silence is something that happens now.
        if (late && kind === 'silent') continue
        if (!late) meetBacklog(one, reading)
        const sinceLast = reading.t - ((late ? one.late?.state : one.live)?.lastT ?? 0)
        if (kind === 'rate' && sinceLast >= 0 && sinceLast < RATE_STEP_MS) continue
        if (late) stepLate(one, reading)
        else step(one, reading.t, reading.value)
      }
    },
    tick(now) {
      for (const one of all) {
        if (one.live.phase !== 'normal' || one.rule.condition.kind === 'silent') step(one, now)
      }
    },
    present(house, device, now) {
      for (const one of all) {
        if (one.rule.condition.kind !== 'silent' || !isContact(one.series.metric)) continue
        if (one.series.house !== house || one.series.device !== device || one.live.lastT === 0) continue
        if (one.live.lastT < now) step(one, now, one.live.lastValue)
      }
    },
    step(step) {
      for (const one of all) {
        one.live = stepped(one.live, step)
        if (one.late && step.wrong) one.late.state = stepped(one.late.state, step)
      }
    },
    expect(series, now) {
      for (const one of watch(series)) {
        if (one.rule.condition.kind === 'silent' && one.live.lastT === 0)
          one.live = { ...one.live, lastT: now }
      }
    },
  }
}

const isContact = (metric: MetricId): boolean => {
  const { aggregate, min, max } = metrics[metric]
  return aggregate === 'last' && min === 0 && max === 1
}

const watchKey = (house: string, device: string, rule: string) => `${house}|${device}|${rule}`

function eventOf(
  { rule, series }: Watch,
  change: JudgeChange,
  told: Told | undefined,
  late: boolean,
): AlarmEvent {
  const { house, device, metric } = series
  const isRaised = change.kind === 'raised'
  const named = isRaised ? undefined : told
  return {
    alarm: named?.alarm ?? alarmId(house, device, rule.id, change.since),
    action: change.kind,
    t: change.at,
    house,
    device,
    rule: rule.id,
    metric,
    severity: rule.severity,
    since: change.since,
    value: Number.isFinite(change.value) ? change.value : null,
    limit: isRaised ? change.limit : (named?.limit ?? null),
    late,
  }
}
