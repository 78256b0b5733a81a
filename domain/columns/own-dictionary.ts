import type { Series } from '../reading.ts'
import { ColumnsMistake, createByteReader, createByteWriter } from './bytes.ts'
import { decodeColumns } from './decode-columns.ts'
import { createDictionary } from './dictionary.ts'
import { encodeColumns } from './encode-columns.ts'
import { parseDictionary } from './parse-dictionary.ts'
import type { SeriesRun } from './runs.ts'

/**
 * Columns that bring their own dictionary: what a sealed piece of the edge's store holds, and a batch that says so.
 *
 * ```
 * number  length of the dictionary, bytes
 * bytes   the dictionary: JSON in UTF-8
 * bytes   columns
 * ```
 */
export function encodeWithDictionary(runs: readonly SeriesRun[]): Uint8Array {
  const dictionary = createDictionary()
  const columns = encodeColumns(runs, dictionary)
  const json = new TextEncoder().encode(JSON.stringify(dictionary.devices))
  const writer = createByteWriter()
  writer.number(json.length)
  writer.bytes(json)
  writer.bytes(columns)
  return writer.take()
}

/** Throws `ColumnsMistake`, as `decodeColumns` does; `wanted` as there. */
export function decodeWithDictionary(bytes: Uint8Array, maxReadings: number, wanted?: Series): SeriesRun[] {
  const reader = createByteReader(bytes)
  const json = reader.bytes(reader.number())
  const dictionary = parseDictionary(json)
  if (!dictionary) throw new ColumnsMistake('its dictionary is none')
  return decodeColumns(reader.bytes(reader.left()), dictionary, maxReadings, wanted)
}
