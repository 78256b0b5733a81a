import type { AlarmEvent } from '#domain/alarm.ts'
import type { Clock } from '#domain/time.ts'
import type { ClockStep } from '../clock/edge-clock.ts'
import type { Counters } from '../counters.ts'

/** The alarms that are open now, those of an earlier life among them. */
export type OpenAlarms = {
  all(): AlarmEvent[]
  /** An alarm was raised or cleared: it is counted and kept. */
  tell(event: AlarmEvent): void
  /** The clock was corrected: what began by the wrong clock began at another time. */
  step(step: ClockStep): void
}

export type OpenAlarmsDeps = {
  /** Those that were open when the edge last stopped. */
  known: readonly AlarmEvent[]
  /** False of what nothing can clear any more: it is cleared at once. */
  isWatched(event: AlarmEvent): boolean
  clock: Clock
  counters: Counters
  keep(event: AlarmEvent): void
}

export function createOpenAlarms({ known, isWatched, clock, counters, keep }: OpenAlarmsDeps): OpenAlarms {
  const open = new Map(known.filter(isWatched).map((event) => [event.alarm, event]))

  const tell = (said: AlarmEvent) => {
    const raised = open.get(said.alarm)
    const event = raised && said.action === 'cleared' ? { ...said, since: raised.since } : said
    if (event.action === 'raised') open.set(event.alarm, event)
    else open.delete(event.alarm)
    const name = event.action === 'raised' ? 'alarm.raised' : 'alarm.cleared'
    counters.count(name, `${event.rule} of "${event.device}" in house "${event.house}"`)
    keep(event)
  }
  for (const event of known) if (!isWatched(event)) tell({ ...event, action: 'cleared', t: clock.now() })

  return {
    all: () => [...open.values()],
    tell,
    step({ byMs, wrong }) {
      if (!wrong) return
      for (const [alarm, event] of open) {
        const beganWrong = event.since >= wrong.fromT && event.since <= wrong.toT
        if (beganWrong) open.set(alarm, { ...event, since: event.since + byMs, t: event.t + byMs })
      }
    },
  }
}
