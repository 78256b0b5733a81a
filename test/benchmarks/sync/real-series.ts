import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { MetricId } from '#domain/metrics.ts'
import type { Series } from '#domain/reading.ts'
import { type BatchTable, batchesOf, type TableSample } from './batch-table.ts'

/** Real recordings, as data/README.md describes them: folder, and what each column of its files is. */
const sources: { folder: string; columns: Record<string, MetricId> }[] = [
  {
    folder: 'climate',
    columns: {
      temperature_c: 'air.temperature',
      humidity_pct: 'air.humidity',
      temperature: 'air.temperature',
      humidity: 'air.humidity',
      amonia: 'air.nh3',
      food: 'feed.mass',
      weight: 'bird.weight.mean',
    },
  },
  // Each scale's column has a name of its own; the table of true masses beside the recordings has no time.
  { folder: 'perch-scale', columns: { '*': 'scale.load' } },
]

/** One file: a device. `series` are its columns, each a series, and `whole` all of them together. */
export type RealSource = {
  name: string
  whole: BatchTable[]
  series: { name: string; decimals: number; batches: BatchTable[] }[]
}

export type RealSources = { found: RealSource[]; missing: string[] }

/** `batchMs`: batches are at most as long. `most`: so many batches of each file, spread over it. */
export function readRealSources(folder: string, batchMs: number, most: number): RealSources {
  const found: RealSource[] = []
  const missing: string[] = []
  for (const { folder: name, columns } of sources) {
    const path = join(folder, name)
    if (!existsSync(path)) missing.push(name)
    else {
      for (const file of readdirSync(path).sort()) {
        const source = readSource(join(path, file), file.replace(/\.csv(\.gz)?$/, ''), columns, batchMs, most)
        if (source) found.push(source)
      }
    }
  }
  return { found, missing }
}

/** Undefined for a file that is no recording. */
function readSource(
  path: string,
  name: string,
  columns: Record<string, MetricId>,
  batchMs: number,
  most: number,
): RealSource | undefined {
  if (!/\.csv(\.gz)?$/.test(path)) return undefined
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  const [heading = '', ...lines] = text.split('\n')
  const [time = '', ...names] = heading.trim().split(',')
  if (!/time|date/i.test(time)) return undefined
  const wanted = names
    .map((column, index) => ({ column, at: index + 1, metric: columns[column.trim()] ?? columns['*'] }))
    .filter((one): one is typeof one & { metric: MetricId } => one.metric !== undefined)
  const series = wanted.map(
    ({ metric }): Series => ({ house: 'h1', device: name, metric, source: 'sensor', by: '' }),
  )
  const decimals = new Map<Series, number>(series.map((one) => [one, 0]))
  const samples: TableSample[] = []
  for (const line of lines) {
    const cells = line.trim().split(',')
    const t = Date.parse(`${cells[0]?.replace(' ', 'T')}Z`)
    if (Number.isNaN(t)) continue
    wanted.forEach(({ at }, index) => {
      const cell = cells[at]?.trim() ?? ''
      const value = Number(cell)
      if (cell === '' || !Number.isFinite(value)) return
      const own = series[index] as Series
      // Its own precision: the most decimals that the file writes anywhere in the column.
      decimals.set(own, Math.max(decimals.get(own) ?? 0, decimalsOf(cell)))
      samples.push({ series: own, t, value })
    })
  }
  if (samples.length === 0) return undefined
  const batches = (of: readonly TableSample[]) =>
    spread(
      batchesOf(of, (one) => decimals.get(one) ?? 0, batchMs),
      most,
    )
  return {
    name,
    whole: batches(samples),
    series: series.map((own, index) => ({
      name: wanted[index]?.column ?? '',
      decimals: decimals.get(own) ?? 0,
      batches: batches(samples.filter((sample) => sample.series === own)),
    })),
  }
}

/** `1.2e-05` is what a program wrote that means 0.000012. */
function decimalsOf(cell: string): number {
  const [number = '', exponent = '0'] = cell.toLowerCase().split('e')
  return Math.max(0, (number.split('.')[1]?.length ?? 0) - Number(exponent))
}

/** At most `most` of them, at even distances. */
function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all]
  return Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length) / most)] as T)
}
