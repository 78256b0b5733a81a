import { type AlarmEvent, nextAlarmState } from '#domain/alarm.ts'
import type { AlarmView } from '#domain/api/farm.ts'
import { EARLIEST } from '#domain/reading.ts'
import { LATE_AFTER_MS } from '#domain/time.ts'

/**
 * An alarm after one more event, that comes at `now`. The same event twice changes nothing; an event whose raise
 * never arrived makes the alarm up from what it says itself. Its times stay as the edge told them, however wrong.
 *
 * An alarm that began and ended before anybody here could have been told is history and asks for nobody. The
 * edge may know and say `late`; or it shows, when the end lies long before the moment at which we heard of it.
 */
export function applyAlarmEvent(before: AlarmView | undefined, event: AlarmEvent, now: number): AlarmView {
  const alarm = before ?? fromEvent(event, now)
  const state = nextAlarmState(alarm.state, event.action)
  switch (event.action) {
    case 'raised':
      if (event.late) return alarm
      if (!before) return { ...alarm, state }
      // One id is one occurrence: only after its end can it be raised again, and then it asks anew.
      if (alarm.clearedAt === null || event.t <= alarm.clearedAt) return alarm
      return {
        ...alarm,
        state: nextAlarmState('normal', 'raised'),
        clearedAt: null,
        acknowledgedAt: null,
        acknowledgedBy: null,
      }
    case 'acknowledged':
      return alarm.acknowledgedAt === null ? { ...alarm, state, acknowledgedAt: event.t } : alarm
    case 'cleared': {
      if (alarm.clearedAt !== null) return alarm
      const late = alarm.late || event.late || isHistory(event.t, alarm.receivedAt)
      return { ...alarm, clearedAt: event.t, late, state: late ? 'normal' : state }
    }
  }
}

/** Before 2020 is a clock that was never set: it does not say when it was. */
function isHistory(t: number, receivedAt: number): boolean {
  return t >= EARLIEST && receivedAt - t > LATE_AFTER_MS
}

/** An alarm as its event tells it, before any step of its life. */
function fromEvent(event: AlarmEvent, receivedAt: number): AlarmView {
  return {
    id: event.alarm,
    house: event.house,
    device: event.device,
    rule: event.rule,
    metric: event.metric,
    severity: event.severity,
    state: 'normal',
    since: event.since,
    raisedAt: event.action === 'raised' ? event.t : event.since,
    receivedAt,
    clearedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    value: event.value,
    limit: event.limit,
    late: event.late,
  }
}
