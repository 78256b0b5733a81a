import type { SeriesRun } from '#domain/columns/runs.ts'
import type { Series } from '#domain/reading.ts'

/** The readings of one batch, at the precision at which they were written down. */
export type BatchTable = {
  runs: TableRun[]
  readings: number
}
/** `run.v` counts in units of 10^−decimals. */
export type TableRun = { run: SeriesRun; decimals: number }

export type TableSample = { series: Series; t: number; value: number }

/** Batches of at most `batchMs`, cut at whole multiples of it. `samples` of one series stand in the order of time. */
export function batchesOf(
  samples: Iterable<TableSample>,
  decimalsOf: (series: Series) => number,
  batchMs: number,
): BatchTable[] {
  const batches = new Map<number, Map<Series, TableRun>>()
  for (const { series, t, value } of samples) {
    const start = Math.floor(t / batchMs)
    const batch = batches.get(start) ?? new Map<Series, TableRun>()
    batches.set(start, batch)
    let own = batch.get(series)
    if (!own) {
      own = { run: { series, t: [], v: [] }, decimals: decimalsOf(series) }
      batch.set(series, own)
    }
    // One time, one reading: recordings that round to seconds say some twice.
    if (t <= (own.run.t.at(-1) ?? 0)) continue
    own.run.t.push(t)
    own.run.v.push(Math.round(value * 10 ** own.decimals))
  }
  return [...batches.values()].map((batch) => {
    const runs = [...batch.values()]
    return { runs, readings: runs.reduce((sum, { run }) => sum + run.t.length, 0) }
  })
}

/** What each device says at one time, oldest first: how a message or a line holds readings. */
export function samplesOf({ runs }: BatchTable): {
  house: string
  device: string
  source: string
  by: string
  t: number
  values: Record<string, number>
}[] {
  const samples = new Map<string, ReturnType<typeof samplesOf>[number]>()
  for (const { run, decimals } of runs) {
    const { house, device, metric, source, by } = run.series
    run.t.forEach((t, index) => {
      const key = `${house}|${device}|${source}|${by}|${t}`
      const sample = samples.get(key) ?? { house, device, source, by, t, values: {} }
      samples.set(key, sample)
      sample.values[metric] = (run.v[index] as number) / 10 ** decimals
    })
  }
  return [...samples.values()].sort((a, b) => a.t - b.t)
}
