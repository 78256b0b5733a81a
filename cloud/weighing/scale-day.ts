import type { CalibrationView, NotEnough, ScaleDay, WeighedDay } from '#domain/api/weighing.ts'
import type { Reading } from '#domain/reading.ts'
import { DAY } from '#domain/time.ts'
import { calibrationDue } from '#domain/weighing/calibration.ts'
import { type BirdWeight, type FlockDayContext, flockDay } from '#domain/weighing/flock-day.ts'
import { splitSexes } from '#domain/weighing/sex-split.ts'
import { type Refusal, refusals, type ScaleFault, scaleFaults, verdictIn } from '#domain/weighing/verdicts.ts'
import { weightHistogram } from '#domain/weighing/weight-histogram.ts'
import type { Line } from '../embedded/readings.ts'

export type DayContext = FlockDayContext & { from: number; to: number }
type Given = {
  device: string
  /** Of this day and the two before. */
  weights: readonly BirdWeight[]
  refused: readonly Line[]
  faults: readonly Line[]
  calibration: CalibrationView | undefined
  zero: Reading | undefined
  now: number
}
type Told = { mean: WeighedDay | null; notEnough: NotEnough | null }

/** One scale on one day: its view, and the weights that go into the house's mean. */
export function scaleDay(given: Given, context: DayContext) {
  const { device, calibration, zero, now } = given
  // What was weighed before a calibration was weighed by another scale.
  const weights = given.weights.filter(({ t }) => t >= (calibration?.at ?? 0))
  const today = weights.filter(({ t }) => t >= context.from)
  const earlier = [2, 1].map((days) =>
    weights.filter(({ t }) => t < context.from && Math.ceil((context.from - t) / DAY) === days),
  )
  const zeroG = zero && zero.t >= (calibration?.at ?? 0) ? zero.value : null
  const view: ScaleDay = {
    device,
    ...tellDay(today, earlier, context),
    taken: { t: today.map(({ t }) => t), grams: today.map(({ grams }) => grams) },
    refused: refusalsIn(given.refused),
    faults: faultsIn(given.faults),
    calibration: calibration ?? null,
    calibrationDue: calibration
      ? (calibrationDue((now - calibration.at) / DAY, zeroG ?? 0, 0) ?? null)
      : 'never',
    zeroG,
    strayPercent: null,
  }
  return { view, today, earlier }
}

/** Mean, spread and histogram, or how many birds are missing. */
export function tellDay(
  today: readonly BirdWeight[],
  earlier: readonly (readonly BirdWeight[])[],
  context: DayContext,
): Told {
  const grams = today.map((weight) => weight.grams)
  // Without a flock nothing is due, and nothing can be said.
  const result = Number.isFinite(context.expectedG(context.middayT))
    ? flockDay(today, { ...context, earlier })
    : undefined
  if (!result) return { mean: null, notEnough: null }
  if (!result.ok) return { mean: null, notEnough: { n: result.n, needed: result.needed } }
  const { day } = result
  const sexes = splitSexes(grams)
  return {
    mean: {
      n: day.n,
      birds: day.birds,
      meanG: round(day.meanG),
      low: round(day.low),
      high: round(day.high),
      sdG: round(day.sdG),
      cvPercent: round(day.cvPercent),
      u10Percent: round(day.u10Percent),
      u15Percent: round(day.u15Percent),
      plainG: round(day.plainG),
      corrections: {
        timeOfDayG: round(day.corrections.timeOfDayG),
        partlyOnG: round(day.corrections.partlyOnG),
        visitBiasG: round(day.corrections.visitBiasG),
      },
      histogram: weightHistogram(grams, day.meanG),
      sexes: sexes
        ? {
            lightG: round(sexes.lightG),
            heavyG: round(sexes.heavyG),
            heavyPercent: round(100 * sexes.heavyShare),
          }
        : null,
    },
    notEnough: null,
  }
}

function refusalsIn(lines: readonly Line[]): ScaleDay['refused'] {
  return byVerdict<Refusal>(lines, refusals).map(([reason, own]) => ({
    reason,
    t: own.flatMap(({ t }) => t),
    grams: own.flatMap(({ mean }) => mean),
  }))
}

function faultsIn(lines: readonly Line[]): ScaleDay['faults'] {
  return byVerdict<ScaleFault>(lines, scaleFaults).map(([fault, own]) => ({
    fault,
    t: own.flatMap(({ t }) => t).sort((a, b) => a - b),
  }))
}

function byVerdict<Verdict extends string>(
  lines: readonly Line[],
  verdicts: readonly Verdict[],
): [Verdict, Line[]][] {
  return verdicts.flatMap((verdict): [Verdict, Line[]][] => {
    const own = lines.filter((line) => verdictIn(line.series.by, verdicts) === verdict)
    return own.length > 0 ? [[verdict, own]] : []
  })
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
