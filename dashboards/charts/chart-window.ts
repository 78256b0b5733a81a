import { DAY, HOUR, localDay, MINUTE, startOfLocalDay } from '#domain/time.ts'

export const ranges = { hour: HOUR, day: DAY, week: 7 * DAY, threeWeeks: 21 * DAY } as const
export type Range = keyof typeof ranges

export type ChartWindow = {
  /** What is drawn, UTC ms. */
  from: number
  to: number
  /** What is asked: bars of a meter need the reading before the first bar. */
  askFrom: number
  points: number
}

const POINTS = 240
/** Five minutes, an hour, or a day of water each: what a farmer compares. */
const barMs: Record<Range, number> = { hour: 5 * MINUTE, day: HOUR, week: DAY, threeWeeks: DAY }

/**
 * The stretch of time that a chart of this range shows at `now`. It moves on in whole buckets, so that what was
 * drawn keeps its place, and days of water run from midnight to midnight in the house.
 */
export function windowOf(range: Range, isMeter: boolean, now: number, timeZone: string): ChartWindow {
  if (!isMeter) {
    const step = Math.max(MINUTE, ranges[range] / POINTS)
    const to = Math.ceil(now / step) * step
    return { from: to - ranges[range], to, askFrom: to - ranges[range], points: POINTS }
  }
  const bar = barMs[range]
  const to =
    bar === DAY
      ? startOfLocalDay(
          localDay(startOfLocalDay(localDay(now, timeZone), timeZone) + 1.5 * DAY, timeZone),
          timeZone,
        )
      : Math.ceil(now / bar) * bar
  const points = ranges[range] / bar
  return { from: to - ranges[range], to, askFrom: to - ranges[range] - bar, points: points + 1 }
}
