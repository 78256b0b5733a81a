import type { AlarmEvent } from '#domain/alarm.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { EdgeStore } from './edge-store.ts'

/** The lane `alarms`: an event that is worked out twice (a backlog sent again) is there once. */
export type AlarmLane = Pick<
  EdgeStore,
  'eventsAfter' | 'openAlarms' | 'moveEvents' | 'setAside' | 'setAsideNumbers'
> & {
  /** Call inside a transaction. */
  write(events: readonly AlarmEvent[]): void
  lastNumber(): number
}

/** `watermark`: the highest number that the cloud has. */
export function openAlarmLane(database: Database, watermark: () => number): AlarmLane {
  const last = database.prepare('SELECT max(number) AS last FROM alarm_event')
  const put = database.prepare(
    'INSERT INTO alarm_event (number, alarm, action, body) VALUES (?, ?, ?, ?) ON CONFLICT (alarm, action) DO NOTHING',
  )
  const after = database.prepare(
    'SELECT number, body FROM alarm_event WHERE number > ? ORDER BY number LIMIT ?',
  )
  const putOpen = database.prepare(
    'INSERT INTO open_alarm (alarm, body) VALUES (?, ?) ON CONFLICT (alarm) DO NOTHING',
  )
  const dropOpen = database.prepare('DELETE FROM open_alarm WHERE alarm = ?')
  const allOpen = database.prepare('SELECT alarm, body FROM open_alarm')
  const changeEvent = database.prepare('UPDATE alarm_event SET body = ? WHERE number = ?')
  const changeOpen = database.prepare('UPDATE open_alarm SET body = ? WHERE alarm = ?')
  const putAside = database.prepare(
    'INSERT INTO set_aside (lane, number, body, why) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const asides = database.prepare('SELECT number FROM set_aside WHERE lane = ?')
  const lastNumber = () => Number(last.get()?.['last'] ?? 0)
  return {
    lastNumber,
    write(events) {
      if (events.length === 0) return
      let number = lastNumber()
      for (const event of events) {
        const body = JSON.stringify(event)
        number += Number(put.run(number + 1, event.alarm, event.action, body).changes)
        if (event.late) continue
        if (event.action === 'raised') putOpen.run(event.alarm, body)
        if (event.action === 'cleared') dropOpen.run(event.alarm)
      }
    },
    eventsAfter: (number, limit) =>
      after.all(number, limit).map((row) => ({
        number: Number(row['number']),
        event: JSON.parse(String(row['body'])) as AlarmEvent,
      })),
    moveEvents({ fromT, toT, byMs }) {
      const moved = (t: number) => (t >= fromT && t <= toT ? t + byMs : t)
      const change = (row: Record<string, unknown>, put: (body: string) => void) => {
        const event = JSON.parse(String(row['body'])) as AlarmEvent
        const { t, since } = event
        const at = { t: moved(t), since: moved(since) }
        if (at.t !== t || at.since !== since) put(JSON.stringify({ ...event, ...at }))
      }
      database.transaction(() => {
        for (const row of after.all(watermark(), -1))
          change(row, (body) => changeEvent.run(body, Number(row['number'])))
        for (const row of allOpen.all()) change(row, (body) => changeOpen.run(body, String(row['alarm'])))
      })
    },
    openAlarms: () => allOpen.all().map((row) => JSON.parse(String(row['body'])) as AlarmEvent),
    setAside(lane, number, body, why) {
      putAside.run(lane, number, body, why)
    },
    setAsideNumbers: (lane) => asides.all(lane).map((row) => Number(row['number'])),
  }
}
