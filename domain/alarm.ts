import { type Static, Type } from 'typebox'
import { Severity } from './rules/rule.ts'

/**
 * An alarm's life after ISA-18.2:
 *
 * ```
 *            raise                 acknowledge
 *  normal ─────────▶ unacknowledged ─────────▶ acknowledged
 *    ▲                   │ clear                   │ clear
 *    │    acknowledge    ▼                         │
 *    ├──────────────── returned                    │
 *    └─────────────────────────────────────────────┘
 * ```
 * Only recovery closes it; a tap says that somebody knows.
 */
export const alarmStates = ['normal', 'unacknowledged', 'acknowledged', 'returned'] as const
export type AlarmState = (typeof alarmStates)[number]
export type AlarmAction = 'raised' | 'cleared' | 'acknowledged'

const transitions: Record<AlarmState, Partial<Record<AlarmAction, AlarmState>>> = {
  normal: { raised: 'unacknowledged' },
  unacknowledged: { cleared: 'returned', acknowledged: 'acknowledged' },
  acknowledged: { cleared: 'normal' },
  returned: { acknowledged: 'normal', raised: 'unacknowledged' },
}

/** The next state; the same one when the action means nothing there (a repeat, or one that came late). */
export function nextAlarmState(state: AlarmState, action: AlarmAction): AlarmState {
  return transitions[state][action] ?? state
}

/**
 * What happened to an alarm, as it travels from edge to cloud. `alarm` is the same wherever it is worked
 * out (see `alarmId`), so that two copies of one event fold into one.
 */
export const AlarmEvent = Type.Object(
  {
    alarm: Type.String({ minLength: 1, maxLength: 300 }),
    action: Type.Union([Type.Literal('raised'), Type.Literal('cleared'), Type.Literal('acknowledged')]),
    /** UTC ms at which this happened. */
    t: Type.Integer(),
    house: Type.String({ maxLength: 64 }),
    device: Type.String({ maxLength: 64 }),
    rule: Type.String({ maxLength: 64 }),
    metric: Type.String({ maxLength: 64 }),
    severity: Severity,
    /** When the condition began to hold. */
    since: Type.Integer(),
    value: Type.Union([Type.Number(), Type.Null()]),
    limit: Type.Union([Type.Number(), Type.Null()]),
    /** It began and ended before anybody could have been told: history, no page. */
    late: Type.Boolean(),
  },
  { additionalProperties: false },
)
export type AlarmEvent = Static<typeof AlarmEvent>

/** The name of one occurrence of an alarm: same rule, same series, same beginning, same alarm. */
export function alarmId(house: string, device: string, rule: string, since: number): string {
  return `${house}|${device}|${rule}|${since}`
}
