import { constants, zstdCompressSync } from 'node:zlib'
import { encodeBatchHeader } from '#domain/columns/batch-header.ts'
import { createDictionary } from '#domain/columns/dictionary.ts'
import { encodeColumns } from '#domain/columns/encode-columns.ts'
import { HOUR } from '#domain/time.ts'
import { packSealed } from '../../../edge/store/sealed-body.ts'
import type { BatchTable } from './batch-table.ts'
import {
  arrowZstdBytes,
  jsonGzipBytes,
  lineProtocolGzipBytes,
  parquetZstdBytes,
  sparkplugBytes,
} from './peer-formats.ts'

/** Bytes a reading, of the bodies that go over the line. */
export type WireSizes = {
  readings: number
  batches: number
  /** As the edge sends it: header and columns, packed; `sealed` brings its names along, `fresh` names a dictionary. */
  sealed: number
  fresh: number
  jsonGzip: number
  lineProtocolGzip: number
  sparkplug: number
  sparkplugGzip: number
  arrowZstd: number
  parquetZstd: number
}

const EPOCH = '0123456789abcdef'
const CLOCK = { boot: 'fedcba9876543210', offsetMs: 1_790_000_000_000 }
/** The edge refreshes its dictionary this often: that is counted with the batches that use it. */
const DICTIONARY_MS = 6 * HOUR

/** Batches of one source, in the order of time, each of at most `batchMs`. */
export async function wireSizes(batches: readonly BatchTable[], batchMs: number): Promise<WireSizes> {
  const total = {
    sealed: 0,
    fresh: 0,
    jsonGzip: 0,
    lineProtocolGzip: 0,
    sparkplug: 0,
    sparkplugGzip: 0,
    arrowZstd: 0,
    parquetZstd: 0,
  }
  let readings = 0
  let dictionary = createDictionary()
  const perDictionary = Math.max(1, Math.round(DICTIONARY_MS / batchMs))
  for (const [index, batch] of batches.entries()) {
    const runs = batch.runs.map(({ run }) => run)
    const to = readings + batch.readings
    const header = {
      epoch: EPOCH,
      from: readings + 1,
      to,
      clock: CLOCK,
      movedByMs: 0,
      thinned: 0,
      damaged: 0,
      aside: 0,
    }
    readings = to
    total.sealed += encodeBatchHeader(header).length + (await packSealed(runs)).length
    if (index % perDictionary === 0) {
      dictionary = createDictionary()
      encodeColumns(runs, dictionary)
      total.fresh += zstd(Buffer.from(JSON.stringify(dictionary.devices)))
    }
    total.fresh +=
      encodeBatchHeader({ ...header, dictionary: EPOCH }).length + zstd(encodeColumns(runs, dictionary))
    total.jsonGzip += jsonGzipBytes(batch)
    total.lineProtocolGzip += lineProtocolGzipBytes(batch)
    const { plain, gzip } = sparkplugBytes(batch)
    total.sparkplug += plain
    total.sparkplugGzip += gzip
    total.arrowZstd += arrowZstdBytes(batch)
    total.parquetZstd += parquetZstdBytes(batch)
  }
  const each = Object.fromEntries(Object.entries(total).map(([name, bytes]) => [name, bytes / readings]))
  return { readings, batches: batches.length, ...(each as typeof total) }
}

const zstd = (bytes: Uint8Array): number =>
  zstdCompressSync(bytes, {
    params: { [constants.ZSTD_c_compressionLevel]: 9, [constants.ZSTD_c_checksumFlag]: 1 },
  }).length
