import { type BatchHeader, decodeBatchHeader } from '#domain/columns/batch-header.ts'
import { ColumnsMistake } from '#domain/columns/bytes.ts'
import { decodeColumns } from '#domain/columns/decode-columns.ts'
import type { Dictionary } from '#domain/columns/dictionary.ts'
import { decodeWithDictionary } from '#domain/columns/own-dictionary.ts'
import type { SeriesRun } from '#domain/columns/runs.ts'
import { Problem } from '#domain/errors.ts'
import { MAX_BATCH_READINGS, MAX_UNPACKED_BYTES } from '#domain/sync.ts'
import { unpackZstd } from './unpack-body.ts'

export type ReadingsBatch = { header: BatchHeader; runs: SeriesRun[] }

/**
 * A batch of readings from its bytes: a header, then columns packed with zstd, or nothing where no reading came
 * through. Throws a Problem: `batch-wrong` with what is wrong, `too-large`, or `dictionary-unknown`.
 */
export async function readBatch(
  bytes: Uint8Array,
  dictionaryOf: (hash: string) => Promise<Dictionary | undefined>,
): Promise<ReadingsBatch> {
  try {
    const { header, length } = decodeBatchHeader(bytes)
    const packed = bytes.subarray(length)
    if (packed.length === 0) return { header, runs: [] }
    const plain = await unpackZstd(packed, MAX_UNPACKED_BYTES)
    if (!plain) throw new Problem('batch-wrong', 'its columns are not whole zstd, or their checksum fails')
    if (header.dictionary === undefined)
      return { header, runs: decodeWithDictionary(plain, MAX_BATCH_READINGS) }
    const dictionary = await dictionaryOf(header.dictionary)
    if (!dictionary) {
      const { dictionary: hash } = header
      throw new Problem('dictionary-unknown', `dictionary ${hash} is not known here: send it first`, { hash })
    }
    return { header, runs: decodeColumns(plain, dictionary, MAX_BATCH_READINGS) }
  } catch (error) {
    if (error instanceof ColumnsMistake) throw new Problem('batch-wrong', error.message)
    throw error
  }
}
