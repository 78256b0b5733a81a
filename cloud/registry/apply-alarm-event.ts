import { type AlarmEvent, nextAlarmState } from '#domain/alarm.ts'
import type { AlarmView } from '#domain/api/farm.ts'
import { LATE_AFTER_MS } from '#domain/time.ts'

/**
 * An alarm after one more event. The same event twice changes nothing; an event whose raise never arrived
 * makes the alarm up from what it says itself.
 *
 * An alarm that began and ended before anybody here could have been told is history and asks for nobody. The
 * edge may know and say `late`; or it shows, when raise and clear come together and long after they happened.
 */
export function applyAlarmEvent(
  before: AlarmView | undefined,
  event: AlarmEvent,
  arrival: { now: number; raisedInSameBatch: boolean },
): AlarmView {
  const alarm = before ?? fromEvent(event)
  const state = nextAlarmState(alarm.state, event.action)
  switch (event.action) {
    case 'raised':
      // One id is one occurrence: it is raised once.
      if (before || event.late) return alarm
      return { ...alarm, state }
    case 'acknowledged':
      return alarm.acknowledgedAt === null ? { ...alarm, state, acknowledgedAt: event.t } : alarm
    case 'cleared': {
      if (alarm.clearedAt !== null) return alarm
      const late =
        alarm.late || event.late || (arrival.raisedInSameBatch && arrival.now - event.t > LATE_AFTER_MS)
      return { ...alarm, clearedAt: event.t, late, state: late ? 'normal' : state }
    }
  }
}

/** An alarm as its event tells it, before any step of its life. */
function fromEvent(event: AlarmEvent): AlarmView {
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
    clearedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    value: event.value,
    limit: event.limit,
    late: event.late,
  }
}
