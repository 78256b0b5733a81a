import { DAY, HOUR, localDay, startOfLocalDay } from '#domain/time.ts'

export type LocalTime = { day: string; hour: number }

/**
 * Local day and hour (a fraction, since local midnight) of an instant. Remembers the day it is in: asking the
 * time zone's tables at every step of a fast run would cost more than the run.
 */
export function createLocalClock(timeZone: string): (t: number) => LocalTime {
  let day = ''
  let start = 0
  let end = 0
  return (t) => {
    if (t < start || t >= end) {
      day = localDay(t, timeZone)
      start = startOfLocalDay(day, timeZone)
      end = startOfLocalDay(localDay(start + DAY + 2 * HOUR, timeZone), timeZone)
    }
    return { day, hour: (t - start) / HOUR }
  }
}
