import type { AlarmEvent } from '#domain/alarm.ts'
import { isId, isInstant } from '#domain/reading.ts'
import type { RefusedRecord } from '#domain/sync.ts'

const MAX_NAMED = 20

/**
 * Parts the events that an edge makes from those that none makes, which become null. A time that is merely wrong, or a house that the
 * farm has not made yet, is no mistake: better an alarm with a wrong time than a telephone that does not ring.
 */
export function judgeEvents(events: readonly AlarmEvent[]): {
  good: (AlarmEvent | null)[]
  refused: RefusedRecord[]
  refusedCount: number
} {
  const good = events.map((event) => (eventMistake(event) === undefined ? event : null))
  const refused = events.flatMap((event) => {
    const why = eventMistake(event)
    const { house, device, metric, t } = event
    return why === undefined ? [] : [{ house, device, metric, t, why }]
  })
  return { good, refused: refused.slice(0, MAX_NAMED), refusedCount: refused.length }
}

function eventMistake({ house, t, since }: AlarmEvent): string | undefined {
  if (house !== '' && !isId(house)) return 'that is no id of a house'
  if (!isInstant(t) || !isInstant(since)) return `its times, ${since} and ${t}, cannot be`
  return undefined
}
