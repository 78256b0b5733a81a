import { type Mark, type SeriesRun, unitsOf } from '#domain/columns/runs.ts'
import { isMetric, metrics } from '#domain/metrics.ts'
import { EARLIEST, isId, isInstant, rejectReason } from '#domain/reading.ts'
import { MAX_REFUSED_NAMED, type RefusedRecord } from '#domain/sync.ts'
import { HOUR, MAX_AHEAD_MS } from '#domain/time.ts'

/** Longest name of a model or a person behind a series. */
const MAX_BY = 64

/** What is further ahead is refused: nothing behind it waits until its time has come. */
const FAR_AHEAD_MS = 1 * HOUR

export type JudgedRuns = {
  good: readonly SeriesRun[]
  /** The first few of those that cannot be what they say. */
  refused: RefusedRecord[]
  refusedCount: number
  /** A series whose metric this version does not know. */
  unknownMetric?: SeriesRun
  /** The reading that is furthest ahead, by an hour at most: no mistake of its own but of the edge's clock. */
  ahead?: { run: SeriesRun; t: number; ms: number }
}

/** Parts what can be from what cannot. Runs are in the order of time. */
export function judgeRuns(runs: readonly SeriesRun[], now: number): JudgedRuns {
  const judged: JudgedRuns = { good: runs, refused: [], refusedCount: 0 }
  if (runs.every((run) => isSound(run, now))) return judged
  const refuse = ({ series }: SeriesRun, t: number, why: string) => {
    judged.refusedCount++
    if (judged.refused.length < MAX_REFUSED_NAMED) judged.refused.push({ ...series, t, why })
  }
  const good: SeriesRun[] = []
  for (const run of runs) {
    const { series } = run
    if (!isMetric(series.metric)) {
      judged.unknownMetric = run
      continue
    }
    const why = seriesMistake(run)
    if (why !== undefined) {
      for (const t of run.t) refuse(run, t, why)
      continue
    }
    const units = unitsOf(series.metric)
    const kept: number[] = []
    run.t.forEach((t, index) => {
      const reason = rejectReason(series.metric, (run.v[index] as number) / units, t, now)
      if (reason === 'from-the-future' && t - now <= FAR_AHEAD_MS) {
        if (t - now > (judged.ahead?.ms ?? 0)) judged.ahead = { run, t, ms: t - now }
      } else if (reason) refuse(run, t, reason)
      else kept.push(index)
    })
    if (kept.length > 0) good.push(pick(run, kept))
  }
  return { ...judged, good }
}

/** Without a look at the single reading: that is most of what an intake does. */
function isSound(run: SeriesRun, now: number): boolean {
  const { series, t, v } = run
  if (!isMetric(series.metric) || seriesMistake(run) !== undefined) return false
  const first = t[0] as number
  const last = t.at(-1) as number
  if (first < EARLIEST || last > now + MAX_AHEAD_MS || !isInstant(last)) return false
  const units = unitsOf(series.metric)
  const { min, max } = metrics[series.metric]
  const low = min * units
  const high = max * units
  return v.every((value) => value >= low && value <= high)
}

function seriesMistake({ series: { house, device, by } }: SeriesRun): string | undefined {
  if (!isId(house)) return house === '' ? 'it names no house' : 'that is no id of a house'
  if (!isId(device)) return 'that is no id of a device'
  return by.length > MAX_BY ? `by is longer than ${MAX_BY}` : undefined
}

function pick({ series, t, v, marks }: SeriesRun, indexes: readonly number[]): SeriesRun {
  const kept = new Map<number, Mark>()
  indexes.forEach((index, position) => {
    const mark = marks?.get(index)
    if (mark) kept.set(position, mark)
  })
  return {
    series,
    t: indexes.map((index) => t[index] as number),
    v: indexes.map((index) => v[index] as number),
    ...(kept.size > 0 && { marks: kept }),
  }
}
