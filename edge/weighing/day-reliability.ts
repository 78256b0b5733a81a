/** Why the weight of a day is not reported. Each has a text for the user. */
export const dayFlaws = [
  'nothing',
  'not-enough',
  'too-vague',
  'levels-disagree',
  'jump',
  'before-scale-moved',
] as const
export type DayFlaw = (typeof dayFlaws)[number]

/** A day's weight of one bird; undefined when it was not on the scale. `expectedG` moves with its growth. */
export type DayWeight = { day: string; weight: DayEstimate | undefined }
type DayEstimate = { n: number; grams: number; low: number; high: number; share: number }
export type JudgedDay<Day extends DayWeight = DayWeight> = Day & { flaw?: DayFlaw }

const MIN_WEIGHTS = 5
const MIN_SHARE = 0.2
/** Half of the 95 % interval. A day that is known less well says nothing that two days together would not contradict. */
const MAX_HALF_INTERVAL = 0.025
/** No bird gains or loses this much overnight without a reason that a person must see. */
const JUMP = 0.05

/**
 * Judges days in their order. A day that jumps against the last good one stands alone until the next good day
 * agrees with it: then the scale has moved, and both count from there on. `scaleMoved` lists the days at which that
 * happened: a calibration made before such a day is void after it. `growth(from, to)`: how much heavier a bird of
 * this kind gets between two days, 1 for a grown one.
 */
export function judgeDays<Day extends DayWeight>(
  days: readonly Day[],
  growth: (from: string, to: string) => number = () => 1,
): { days: JudgedDay<Day>[]; scaleMoved: string[] } {
  const judged: JudgedDay<Day>[] = days.map((day) => {
    const flaw = flawOf(day.weight)
    return flaw ? { ...day, flaw } : { ...day }
  })
  const scaleMoved: string[] = []
  let good: JudgedDay<Day> | undefined
  let alone: JudgedDay<Day> | undefined
  for (const day of judged) {
    if (day.flaw) continue
    if (!good || agree(good, day, growth)) {
      good = day
      alone = undefined
    } else if (alone && agree(alone, day, growth)) {
      delete alone.flaw
      scaleMoved.push(alone.day)
      good = day
      alone = undefined
    } else {
      day.flaw = 'jump'
      alone = day
    }
  }
  return { days: judged, scaleMoved }
}

function flawOf(weight: DayWeight['weight']): DayFlaw | undefined {
  if (!weight) return 'nothing'
  if (weight.n < MIN_WEIGHTS) return 'not-enough'
  if (weight.share < MIN_SHARE) return 'levels-disagree'
  return weight.high - weight.low > 2 * MAX_HALF_INTERVAL * weight.grams ? 'too-vague' : undefined
}

function agree(before: DayWeight, after: DayWeight, growth: (from: string, to: string) => number): boolean {
  const expected = (before.weight?.grams ?? Number.NaN) * growth(before.day, after.day)
  return Math.abs((after.weight?.grams ?? Number.NaN) / expected - 1) < JUMP
}
