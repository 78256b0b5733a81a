// How right the weights of real recordings are: a folder with one load series per bird (`bird-<id>.csv[.gz]`), the
// hand weighings of each day, and series of constant masses. Every day with a hand weighing is reported or named.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type JudgedDay, judgeDays } from '../../../edge/weighing/day-reliability.ts'
import { type OneBirdDay, weighOneBird } from '../../../edge/weighing/one-bird-day.ts'
import { readRecording } from '../../../edge/weighing/read-recording.ts'
import { weighMass, weighRecording } from '../../../edge/weighing/weigh-recording.ts'
import type { FigureOptions, Measured } from '../../figures.ts'
import { type HandWeighings, readHandWeighings, readMasses } from './hand-weighings.ts'

type Day = { day: string; weight: OneBirdDay | undefined }
type BirdResult = { bird: string; lines: Line[]; calibratedOn?: string; factor: number }
type Line = {
  bird: string
  day: string
  handG: number
  scaleG: number | null
  low: number | null
  high: number | null
  weights: number
  errorPercent: number | null
  flaw: string | null
  isCalibration: boolean
}

const empty = {
  maePercent: null,
  biasPercent: null,
  days: 0,
  daysReportedPercent: null,
  constantMassWorstPercent: null,
}

export function evaluatePerchScale(folder: string, calibrate: boolean, say: FigureOptions['say']): Measured {
  const handFile = join(folder, 'daily-manual-weights.csv')
  if (!existsSync(handFile)) {
    const why = `${handFile} is missing`
    return { ...empty, n: 0, why: Object.fromEntries(Object.keys(empty).map((key) => [key, why])) }
  }
  const birds = readHandWeighings(readFileSync(handFile, 'utf8'))
  // What a bird of this kind weighs, as a farmer knows it beforehand: the first hand weighings, not each bird's own.
  const expectedG = median(birds.flatMap(({ byDay }) => [...byDay.values()].slice(0, 1)))
  const results: BirdResult[] = []
  for (const hand of birds) {
    const csv = readSeries(join(folder, `bird-${hand.bird}.csv`))
    if (csv === undefined) continue
    say(`bird ${hand.bird}`)
    results.push(evaluateBird(csv, hand, expectedG, calibrate))
  }
  const masses = evaluateMasses(folder)
  return summarize(results, masses, calibrate)
}

function evaluateBird(csv: string, hand: HandWeighings, expectedG: number, calibrate: boolean): BirdResult {
  const recorded = weighRecording(readRecording(csv), { expectedG: () => expectedG, zeroG: 0 })
  const byDay = new Map(recorded.map(({ day, weights }) => [day, weighOneBird(weights)]))
  const days: Day[] = [...new Set([...byDay.keys(), ...hand.byDay.keys()])]
    .sort()
    .map((day) => ({ day, weight: byDay.get(day) }))
  const { days: judged, scaleMoved } = judgeDays(days)
  const voidBefore = scaleMoved.at(-1) ?? ''
  const usable = (day: JudgedDay<Day>) => !day.flaw && day.day >= voidBefore && hand.byDay.has(day.day)
  const first = calibrate ? judged.find(usable) : undefined
  const factor = first?.weight ? (hand.byDay.get(first.day) as number) / first.weight.grams : 1
  const lines = [...hand.byDay].map(([day, handG]): Line => {
    const found = judged.find((candidate) => candidate.day === day)
    const weight = found?.weight
    const flaw = found?.flaw ?? (first && day < voidBefore ? 'before-scale-moved' : null)
    const scaleG = weight ? weight.grams * factor : null
    return {
      bird: hand.bird,
      day,
      handG,
      scaleG: scaleG && round(scaleG, 2),
      low: weight ? round(weight.low * factor, 2) : null,
      high: weight ? round(weight.high * factor, 2) : null,
      weights: weight?.n ?? 0,
      errorPercent: scaleG && round(100 * (scaleG / handG - 1), 2),
      flaw,
      isCalibration: day === first?.day,
    }
  })
  return { bird: hand.bird, lines, factor: round(factor, 4), ...(first && { calibratedOn: first.day }) }
}

function evaluateMasses(
  folder: string,
): { file: string; trueG: number; scaleG: number | null; errorPercent: number | null }[] {
  const list = join(folder, 'masses.csv')
  if (!existsSync(list)) return []
  return readMasses(readFileSync(list, 'utf8')).flatMap(({ file, trueG }) => {
    const csv = readSeries(join(folder, file.replace(/\.gz$/, '')))
    if (csv === undefined) return []
    const scaleG = weighMass(readRecording(csv).samples) ?? null
    return [{ file, trueG, scaleG, errorPercent: scaleG && round(100 * (scaleG / trueG - 1), 2) }]
  })
}

function summarize(
  results: BirdResult[],
  masses: ReturnType<typeof evaluateMasses>,
  calibrate: boolean,
): Measured {
  const lines = results.flatMap((result) => result.lines)
  const reported = lines.filter(({ flaw }) => flaw === null)
  // The day of the calibration is right by making: it counts as reported, not as a success.
  const errors = reported.filter((line) => !line.isCalibration).map((line) => line.errorPercent as number)
  const why: Record<string, string> = {}
  if (errors.length === 0) {
    why.maePercent = 'no day could be compared'
    why.biasPercent = why.maePercent
  }
  if (lines.length === 0) why.daysReportedPercent = 'no series belongs to a hand weighing'
  if (masses.length === 0)
    why.constantMassWorstPercent = 'the folder has no masses.csv, or none of its series'
  const worst = Math.max(...masses.map(({ errorPercent }) => Math.abs(errorPercent ?? 100)))
  return {
    maePercent: errors.length > 0 ? mean(errors.map(Math.abs)) : null,
    maeInterval95: errors.length > 1 ? interval(errors.map(Math.abs)) : 'too few',
    biasPercent: errors.length > 0 ? mean(errors) : null,
    biasInterval95: errors.length > 1 ? interval(errors) : 'too few',
    days: lines.length,
    daysCompared: errors.length,
    daysReportedPercent: lines.length > 0 ? (100 * reported.length) / lines.length : null,
    constantMassWorstPercent: masses.length > 0 ? worst : null,
    calibrated: calibrate,
    byBird: results.map(({ bird, lines: own, factor, calibratedOn }) => {
      const values = own
        .filter((line) => !line.flaw && !line.isCalibration)
        .map((line) => line.errorPercent as number)
      const mae = values.length > 0 ? round(mean(values.map(Math.abs)), 2) : null
      const bias = values.length > 0 ? round(mean(values), 2) : null
      return {
        bird,
        n: values.length,
        maePercent: mae,
        biasPercent: bias,
        factor,
        calibratedOn: calibratedOn ?? null,
      }
    }),
    unreliable: lines.filter(({ flaw }) => flaw).map(({ bird, day, flaw }) => ({ bird, day, reason: flaw })),
    perDay: lines,
    masses,
    n: errors.length,
    ...(Object.keys(why).length > 0 && { why }),
  }
}

function readSeries(path: string): string | undefined {
  if (existsSync(path)) return readFileSync(path, 'utf8')
  return existsSync(`${path}.gz`) ? gunzipSync(readFileSync(`${path}.gz`)).toString('utf8') : undefined
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** 95 % interval of a mean, taking the days as independent. */
function interval(values: readonly number[]): [number, number] {
  const middle = mean(values)
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1))
  const half = (2.07 * sd) / Math.sqrt(values.length)
  return [round(middle - half, 2), round(middle + half, 2)]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals))
}
