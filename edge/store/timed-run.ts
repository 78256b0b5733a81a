import type { Mark, SeriesRun } from '#domain/columns/runs.ts'
import { type Series, seriesKey } from '#domain/reading.ts'

/** Readings of one series in the order of time, that others may be put between. Marks by time. */
export type TimedRun = { t: number[]; v: number[]; marks?: Map<number, Mark> }

/** The first position whose time is not before `time`. */
export function positionOf(t: readonly number[], time: number): number {
  const last = t.length - 1
  if (last < 0 || (t[last] as number) < time) return last + 1
  let low = 0
  let high = last
  while (low < high) {
    const middle = (low + high) >> 1
    if ((t[middle] as number) < time) low = middle + 1
    else high = middle
  }
  return low
}

/** False where this time is there already: the first stands. */
export function putReading(run: TimedRun, time: number, v: number, mark?: Mark): boolean {
  const position = positionOf(run.t, time)
  if (run.t[position] === time) return false
  if (position === run.t.length) {
    run.t.push(time)
    run.v.push(v)
  } else {
    run.t.splice(position, 0, time)
    run.v.splice(position, 0, v)
  }
  if (mark) {
    run.marks ??= new Map()
    run.marks.set(time, mark)
  }
  return true
}

export function putRun(run: TimedRun, { t, v, marks }: SeriesRun): void {
  for (const [index, time] of t.entries()) putReading(run, time, v[index] as number, marks?.get(index))
}

export function removeTime(run: TimedRun, time: number): void {
  const position = positionOf(run.t, time)
  if (run.t[position] !== time) return
  run.t.splice(position, 1)
  run.v.splice(position, 1)
  run.marks?.delete(time)
}

/** `times` in order. */
export function removeTimes(run: TimedRun, times: readonly number[]): void {
  const isStart = times.every((time, index) => time === run.t[index])
  if (isStart && !run.marks) {
    run.t = run.t.slice(times.length)
    run.v = run.v.slice(times.length)
    return
  }
  const gone = new Set(times)
  const stays = run.t.map((time) => !gone.has(time))
  run.t = run.t.filter((_, index) => stays[index])
  run.v = run.v.filter((_, index) => stays[index])
  if (!run.marks) return
  for (const time of gone) run.marks.delete(time)
  if (run.marks.size === 0) delete run.marks
}

export function seriesRun(series: Series, { t, v, marks }: TimedRun): SeriesRun {
  if (!marks || marks.size === 0) return { series, t, v }
  const byPosition = new Map([...marks].map(([time, mark]) => [positionOf(t, time), mark] as const))
  return { series, t, v, marks: byPosition }
}

/** One run for each series, of several pieces of it. */
export function mergedRuns(runs: readonly SeriesRun[]): SeriesRun[] {
  const bySeries = new Map<string, SeriesRun[]>()
  for (const run of runs) {
    const key = seriesKey(run.series)
    const parts = bySeries.get(key)
    if (parts) parts.push(run)
    else bySeries.set(key, [run])
  }
  return Array.from(bySeries.values(), (parts) => {
    const [first] = parts as [SeriesRun]
    if (parts.length === 1) return first
    const merged: TimedRun = { t: [], v: [] }
    for (const part of parts) putRun(merged, part)
    return seriesRun(first.series, merged)
  })
}
