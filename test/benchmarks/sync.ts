// What keeping the cloud in step costs, and how fast it goes: bytes a reading and a month, the backlog's way through a
// long line, what the edge's MQTT door takes, what a reading takes on its disk. Real processes except where bytes are
// only counted. Recordings of real houses are looked for in the folder that is named, or in ../shared/data.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DAY, HOUR, MINUTE } from '#domain/time.ts'
import { type Figure, type FigureOptions, type Measured, projectRoot } from '../figures.ts'
import { end, message, start } from './sync/child.ts'
import { measureDrain } from './sync/drain.ts'
import { measureEdgeLoad } from './sync/edge-load.ts'
import type { MonthTraffic } from './sync/month.ts'
import { readRealSources } from './sync/real-series.ts'
import { simulatedBatches } from './sync/simulated-batches.ts'
import { fillStore } from './sync/store-size.ts'
import { type WireSizes, wireSizes } from './sync/wire-sizes.ts'

const BATCH_MS = HOUR
const STRETCH = 1.37

export const sync: Figure = {
  name: 'sync',
  summary: 'bytes a reading and a month, drain of a backlog at 200 ms, the edge’s MQTT door, its disk',
  needs: ['mosquitto', 'openssl'],
  keys: [
    'bytesPerReading',
    'bytesBySource',
    'monthMB',
    'jsonGzipBytesPerReading',
    'lineProtocolGzipBytesPerReading',
    'sparkplugBytesPerReading',
    'drainReadingsPerSecond',
    'liveDelayMs',
    'edgeMessagesPerSecond',
    'ratioToBareAedes',
    'mosquittoMessagesPerSecond',
    'edgeRssMB',
    'edgeBytesPerReading',
  ],
  run: async (options) => {
    const dir = await mkdtemp(join(tmpdir(), 'flockwise-sync-'))
    try {
      return await measure(dir, options)
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  },
}

async function measure(dir: string, options: FigureOptions): Promise<Measured> {
  // In real time and all but idle: everything that is no matter of speed goes on meanwhile.
  const minutes = options.full ? 30 : 4
  options.say(`an ordinary ${minutes} minutes, in real time`)
  const process = start(new URL('./sync/month-process.ts', import.meta.url))
  const month = message<MonthTraffic>(process)
  // Who waits for it hears of it; until then a failure is nobody's.
  month.catch(() => {})
  process.send(minutes)
  try {
    return await measureBeside(month, dir, options)
  } finally {
    await end(process)
  }
}

async function measureBeside(
  month: Promise<MonthTraffic>,
  dir: string,
  { full, args, say }: FigureOptions,
): Promise<Measured> {
  say('bytes a reading: six simulated houses')
  const simulated = await wireSizes(simulatedBatches(full ? 7 * DAY : DAY, STRETCH, BATCH_MS), BATCH_MS)
  const onTheMinute = await wireSizes(simulatedBatches(6 * HOUR, STRETCH, BATCH_MS, true), BATCH_MS)
  const single = await wireSizes(simulatedBatches(6 * HOUR, STRETCH, MINUTE), MINUTE)
  const real = await measureSources(args[0], full, say)

  const days = full ? 30 : 3
  say(`${days} days of six houses into an edge's store`)
  const store = await fillStore(join(dir, 'edge'), days)
  const traffic = await month

  say('the MQTT door under load')
  const { why: noPeer, ...load } = await measureEdgeLoad(full ? 7 : 3, full ? 20_000 : 4000, say)
  say('the backlog drains at a round trip of 200 ms')
  const drain = await measureDrain(dir, 'edge', full ? HOUR : 3 * MINUTE, say)

  return {
    n: simulated.readings,
    bytesPerReading: simulated.sealed,
    bytesPerReadingByDictionary: simulated.fresh,
    bytesBySource: real.bytesBySource,
    monthMB: traffic.monthMB,
    jsonGzipBytesPerReading: simulated.jsonGzip,
    lineProtocolGzipBytesPerReading: simulated.lineProtocolGzip,
    sparkplugBytesPerReading: simulated.sparkplug,
    sparkplugGzipBytesPerReading: simulated.sparkplugGzip,
    arrowZstdBytesPerReading: simulated.arrowZstd,
    parquetZstdBytesPerReading: simulated.parquetZstd,
    bytesPerReadingOnTheMinute: onTheMinute.sealed,
    bytesPerReadingOfOneMinute: single.fresh,
    peersBySource: real.peersBySource,
    month: traffic,
    ...drain,
    ...load,
    ...store,
    why: { ...real.why, ...noPeer },
  }
}

type Sources = {
  /** By file, and by column of it: header and columns of batches of an hour, a dictionary every six hours. */
  bytesBySource: Record<string, { bytes: number; readings: number; columns?: Record<string, number> }> | null
  peersBySource: Record<string, WireSizes> | null
  why: Record<string, string>
}

async function measureSources(
  given: string | undefined,
  full: boolean,
  say: (text: string) => void,
): Promise<Sources> {
  const folder = given ?? join(projectRoot, '../shared/data')
  if (!existsSync(folder)) {
    const reason = `no recordings: there is no folder ${given ?? '../shared/data'}; name one`
    return {
      bytesBySource: null,
      peersBySource: null,
      why: { bytesBySource: reason, peersBySource: reason },
    }
  }
  const { found, missing } = readRealSources(folder, BATCH_MS, full ? Number.POSITIVE_INFINITY : 24)
  if (missing.length > 0) say(`  not in the folder: ${missing.join(', ')}`)
  const bytesBySource: NonNullable<Sources['bytesBySource']> = {}
  const peersBySource: Record<string, WireSizes> = {}
  for (const { name, whole, series } of found) {
    const sizes = await wireSizes(whole, BATCH_MS)
    say(`  ${name}: ${sizes.fresh.toFixed(2)} bytes a reading`)
    peersBySource[name] = sizes
    bytesBySource[name] = { bytes: sizes.fresh, readings: sizes.readings }
    if (series.length < 2) continue
    const columns: Record<string, number> = {}
    for (const one of series) columns[one.name] = (await wireSizes(one.batches, BATCH_MS)).fresh
    bytesBySource[name].columns = columns
  }
  if (found.length > 0) return { bytesBySource, peersBySource, why: {} }
  const reason = `no recordings in ${given ?? '../shared/data'}: neither climate nor perch-scale is there`
  return { bytesBySource: null, peersBySource: null, why: { bytesBySource: reason, peersBySource: reason } }
}
