import { flockDay } from '#domain/weighing/flock-day.ts'
import type { Refusal, ScaleFault } from '#domain/weighing/verdicts.ts'
import { weightHistogram } from '#domain/weighing/weight-histogram.ts'
import { judgeDays } from './day-reliability.ts'
import { weighOneBird } from './one-bird-day.ts'
import type { Recording } from './read-recording.ts'
import { isSure } from './scale-event.ts'
import { type RecordedDay, weighRecording } from './weigh-recording.ts'

export type ReportOptions = {
  /** What a bird weighs at a moment, g. */
  expectedG: (t: number) => number
  /** Age in days at a moment, where it is known: the visiting bias grows with it. */
  ageDays?: (t: number) => number
  /** All weights are of one and the same bird. */
  oneBird?: boolean
  type?: 'platform' | 'hanging'
  zeroG?: number
}

/** One day of a recording as a user wants to see it; `meanG` is undefined where `reason` says why. */
export type ReportedDay = {
  day: string
  weights: number
  meanG?: number
  low?: number
  high?: number
  cvPercent?: number
  u10Percent?: number
  reason?: string
  rejects: Partial<Record<Refusal, number>>
  faults: Partial<Record<ScaleFault, number>>
  histogram?: { fromG: number; widthG: number; counts: number[] }
}

const MIDDAY_MS = 12 * 3_600_000

/** Weighs a recording and says each day with its interval, or why there is none. */
export function reportRecording(recording: Recording, options: ReportOptions): ReportedDay[] {
  const days = weighRecording(recording, options)
  return options.oneBird ? reportOneBird(days) : days.map((day) => reportFlock(day, options))
}

function reportOneBird(days: readonly RecordedDay[]): ReportedDay[] {
  const weighed = days.map(({ day, weights, rejects, faults }) => ({
    day,
    rejects,
    faults,
    weight: weighOneBird(weights),
  }))
  return judgeDays(weighed).days.map(({ day, weight, flaw, rejects, faults }) => ({
    day,
    weights: weight?.n ?? 0,
    ...(weight && !flaw && { meanG: weight.grams, low: weight.low, high: weight.high }),
    ...(flaw && { reason: flaw }),
    rejects,
    faults,
  }))
}

function reportFlock(
  { day, weights, rejects, faults }: RecordedDay,
  { expectedG, ageDays }: ReportOptions,
): ReportedDay {
  const middayT = Date.parse(day) + MIDDAY_MS
  const sure = weights.filter(isSure)
  const result = flockDay(sure, { ageDays: ageDays?.(middayT) ?? 0, middayT, expectedG })
  const unsure = weights.length - sure.length
  const counted = unsure > 0 ? { ...rejects, unsure } : rejects
  if (!result.ok) {
    const reason = `${result.reason}: ${result.n} of ${result.needed}`
    return { day, weights: sure.length, reason, rejects: counted, faults }
  }
  const { n, meanG, low, high, cvPercent, u10Percent } = result.day
  const histogram = weightHistogram(
    sure.map(({ grams }) => grams),
    meanG,
  )
  return { day, weights: n, meanG, low, high, cvPercent, u10Percent, rejects: counted, faults, histogram }
}
