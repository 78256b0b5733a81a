import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompressSync } from 'node:zlib'
import { ColumnsMistake } from '#domain/columns/bytes.ts'
import { decodeWithDictionary, encodeWithDictionary } from '#domain/columns/own-dictionary.ts'
import type { SeriesRun } from '#domain/columns/runs.ts'
import type { Series } from '#domain/reading.ts'

const compress = promisify(zstdCompress)
const LEVEL = 9
/** Far more than a piece comes to: what claims more is damaged. */
const MAX_BYTES = 64 * 1024 * 1024

/** A sealed piece: columns and their dictionary, packed by zstd with its checksum. It needs nothing beside it. */
export async function packSealed(runs: readonly SeriesRun[]): Promise<Uint8Array> {
  return compress(encodeWithDictionary(runs), {
    params: { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
  })
}

/** `wanted`: the run of this series alone. Throws `ColumnsMistake` where a byte is not what it was. */
export function unpackSealed(bytes: Uint8Array, maxReadings: number, wanted?: Series): SeriesRun[] {
  return decodeWithDictionary(unpackedBytes(bytes), maxReadings, wanted)
}

/** What the checksum is about. Throws `ColumnsMistake` where it fails. */
export function unpackedBytes(bytes: Uint8Array): Uint8Array {
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: MAX_BYTES })
  } catch (error) {
    throw new ColumnsMistake(`it cannot be unpacked: ${error instanceof Error ? error.message : error}`)
  }
}
