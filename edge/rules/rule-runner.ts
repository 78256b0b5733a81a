import { type AlarmEvent, alarmId } from '#domain/alarm.ts'
import type { Reading, Series } from '#domain/reading.ts'
import { freshState, type JudgeChange, type JudgeState, judge, raisedState } from '#domain/rules/judge.ts'
import type { Rule } from '#domain/rules/rule.ts'

/**
 * Runs every rule over every series of its metric. What arrives late has a judge of its own: it tells only
 * of alarms that began and ended, as a pair for the history.
 */
export type RuleRunner = {
  take(reading: Reading, late: boolean): void
  /** Lets for-durations and silences run out. Call a few times a second. */
  tick(now: number): void
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
  /** Limit that stood in the `raised` event, for the `cleared` one. */
  limit: number | null
  late?: { state: JudgeState; raised?: AlarmEvent }
}

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
          live: event ? carriedOn(rule, event) : freshState(0),
          limit: event?.limit ?? null,
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
    one.limit = change.kind === 'raised' ? change.limit : one.limit
    onEvent(eventOf(one, change, false), one.rule)
  }

  const stepLate = (one: Watch, { t, value }: Reading) => {
    one.late ??= { state: freshState(0) }
    const { state, change } = judge(one.rule, ageDays(one.series.house, t), one.late.state, { t, value })
    one.late.state = state
    if (!change) return
    const event = eventOf(one, change, true)
    if (change.kind === 'raised') one.late.raised = event
    else if (one.late.raised) {
      onLatePair(one.late.raised, event)
      delete one.late.raised
    }
  }

  return {
    take(reading, late) {
      for (const one of watch(reading.series)) {
        const { condition } = one.rule
        if (late) {
          // Silence is something that happens now.
          if (condition.kind !== 'silent') stepLate(one, reading)
          continue
        }
        // The backlog left this alarm open: the first live values say when it ended.
        if (one.late?.raised) stepLate(one, reading)
        if (condition.kind === 'rate' && reading.t - one.live.lastT < RATE_STEP_MS) continue
        step(one, reading.t, reading.value)
      }
    },
    tick(now) {
      for (const one of all) {
        if (one.live.phase === 'pending' || one.rule.condition.kind === 'silent') step(one, now)
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

const watchKey = (house: string, device: string, rule: string) => `${house}|${device}|${rule}`

function carriedOn(rule: Rule, { since, value }: AlarmEvent): JudgeState {
  const state = raisedState(since, value ?? Number.NaN)
  // For a silence `since` is when the value was due, not when one came.
  return rule.condition.kind === 'silent' ? { ...state, lastT: since - rule.condition.afterMs } : state
}

function eventOf({ rule, series, limit }: Watch, change: JudgeChange, late: boolean): AlarmEvent {
  const { house, device, metric } = series
  return {
    alarm: alarmId(house, device, rule.id, change.since),
    action: change.kind,
    t: change.at,
    house,
    device,
    rule: rule.id,
    metric,
    severity: rule.severity,
    since: change.since,
    value: Number.isFinite(change.value) ? change.value : null,
    limit: change.kind === 'raised' ? change.limit : limit,
    late,
  }
}
