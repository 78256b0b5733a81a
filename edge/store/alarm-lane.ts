import { Compile } from 'typebox/compile'
import { AlarmEvent } from '#domain/alarm.ts'
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

type EventRow = { number: number; body: string }
type OpenRow = { alarm: string; body: string }

const alarmEvent = Compile(AlarmEvent)

/** Undefined for what is none: a bit of a memory card has changed. The cloud would refuse all that goes with it. */
export function parseEvent(body: string): AlarmEvent | undefined {
  try {
    const event: unknown = JSON.parse(body)
    return alarmEvent.Check(event) ? event : undefined
  } catch {
    return undefined
  }
}

/**
 * `watermark`: the highest number that the cloud has. `onDamaged`: told once for each event that cannot be read; the
 * others go on.
 */
export function openAlarmLane(
  database: Database,
  watermark: () => number,
  onDamaged: (what: string, values: number) => void,
): AlarmLane {
  const last = database.prepare('SELECT max(number) AS last FROM alarm_event')
  const put = database.prepare(
    'INSERT INTO alarm_event (number, alarm, action, body) VALUES (?, ?, ?, ?) ON CONFLICT (alarm, action) DO NOTHING',
  )
  const after = database.prepare('SELECT number, body FROM alarm_event WHERE number > ? ORDER BY number')
  const raisedBody = database.prepare("SELECT body FROM alarm_event WHERE alarm = ? AND action = 'raised'")
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
  const told = new Set<string>()
  const tell = (what: string) => {
    if (told.has(what)) return
    told.add(what)
    onDamaged(`${what} cannot be read`, 1)
  }

  const layAside = ({ number, body }: EventRow) => {
    tell(`alarm event ${number}`)
    try {
      putAside.run('alarms', number, body, 'cannot be read')
    } catch {
      // A full disk: at the next look. The others are sent meanwhile.
    }
  }
  /** All that can be read, and the others' rows at the end. */
  const readAfter = (number: number, limit: number) => {
    const damaged: EventRow[] = []
    const events: { number: number; event: AlarmEvent }[] = []
    for (const row of after.iterate(number) as unknown as Iterable<EventRow>) {
      const event = parseEvent(row.body)
      if (event) events.push({ number: row.number, event })
      else damaged.push(row)
      if (events.length >= limit) break
    }
    return { events, damaged }
  }
  const openEvents = (): AlarmEvent[] =>
    (allOpen.all() as unknown as OpenRow[]).flatMap(({ alarm, body }) => {
      const event = parseEvent(body) ?? parseEvent(String(raisedBody.get(alarm)?.['body']))
      if (!event) tell(`open alarm ${alarm}`)
      return event ?? []
    })

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
    eventsAfter(number, limit) {
      const { events, damaged } = readAfter(number, limit)
      for (const row of damaged) layAside(row)
      return events
    },
    moveEvents({ fromT, toT, byMs }) {
      const moved = (t: number) => (t >= fromT && t <= toT ? t + byMs : t)
      const change = (event: AlarmEvent, put: (body: string) => void) => {
        const { t, since } = event
        const at = { t: moved(t), since: moved(since) }
        if (at.t !== t || at.since !== since) put(JSON.stringify({ ...event, ...at }))
      }
      database.transaction(() => {
        for (const { number, event } of readAfter(watermark(), Number.POSITIVE_INFINITY).events)
          change(event, (body) => changeEvent.run(body, number))
        for (const event of openEvents()) change(event, (body) => changeOpen.run(body, event.alarm))
      })
    },
    openAlarms: openEvents,
    setAside(lane, number, body, why) {
      putAside.run(lane, number, body, why)
    },
    setAsideNumbers: (lane) => asides.all(lane).map((row) => Number(row['number'])),
  }
}
