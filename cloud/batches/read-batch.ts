import { type BatchHeader, decodeBatchHeader } from '#domain/columns/batch-header.ts'
import { ColumnsMistake, createByteReader } from '#domain/columns/bytes.ts'
import { decodeColumns } from '#domain/columns/decode-columns.ts'
import type { Dictionary } from '#domain/columns/dictionary.ts'
import { decodeWithDictionary } from '#domain/columns/own-dictionary.ts'
import type { SeriesRun } from '#domain/columns/runs.ts'
import { Problem } from '#domain/errors.ts'
import { MAX_BATCH_READINGS, MAX_DICTIONARY_BYTES, MAX_UNPACKED_BYTES } from '#domain/sync.ts'
import { unpackZstd } from './unpack-body.ts'

/** A batch whose columns are not looked at yet; there are none where no reading came through. */
export type UnpackedBatch = { header: BatchHeader; columns?: Uint8Array }

/**
 * A batch of readings from its bytes: a header, then columns packed with zstd or nothing. Throws a Problem:
 * `batch-wrong` with what is wrong, or `too-large`.
 */
export async function unpackBatch(bytes: Uint8Array): Promise<UnpackedBatch> {
  const { header, length } = sayWhatIsWrong(() => decodeBatchHeader(bytes))
  const packed = bytes.subarray(length)
  if (packed.length === 0) return { header }
  const columns = await unpackZstd(packed, MAX_UNPACKED_BYTES)
  if (!columns) throw new Problem('batch-wrong', 'its columns are not whole zstd, or their checksum fails')
  return { header, columns }
}

/** At most as many readings as it has numbers. Throws a Problem: `batch-wrong`, or `dictionary-unknown`. */
export async function readColumns(
  { header, columns }: UnpackedBatch,
  dictionaryOf: (hash: string) => Promise<Dictionary | undefined>,
): Promise<SeriesRun[]> {
  if (!columns) return []
  const maxReadings = Math.min(MAX_BATCH_READINGS, header.to - header.from + 1)
  const { dictionary: hash } = header
  if (hash === undefined) {
    return sayWhatIsWrong(() => {
      const length = createByteReader(columns).number()
      if (length > MAX_DICTIONARY_BYTES)
        throw new ColumnsMistake(`a dictionary of ${length} bytes, at most ${MAX_DICTIONARY_BYTES} are taken`)
      return decodeWithDictionary(columns, maxReadings)
    })
  }
  const dictionary = await dictionaryOf(hash)
  if (!dictionary)
    throw new Problem('dictionary-unknown', `dictionary ${hash} is not known here: send it first`, { hash })
  return sayWhatIsWrong(() => decodeColumns(columns, dictionary, maxReadings))
}

function sayWhatIsWrong<T>(decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof ColumnsMistake) throw new Problem('batch-wrong', error.message)
    throw error
  }
}
