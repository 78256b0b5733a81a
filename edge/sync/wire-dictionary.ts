import { createHash } from 'node:crypto'
import { createDictionary, type DictionaryBuilder } from '#domain/columns/dictionary.ts'
import { encodeColumns } from '#domain/columns/encode-columns.ts'
import { encodeWithDictionary } from '#domain/columns/own-dictionary.ts'
import { type SeriesRun, unitsOf } from '#domain/columns/runs.ts'
import { type Reading, seriesKey } from '#domain/reading.ts'
import { type Clock, HOUR, MINUTE } from '#domain/time.ts'

export type WireDictionary = {
  /** Columns, and the dictionary by which they are read; without one they bring their own. */
  encode(runs: readonly SeriesRun[]): { columns: Uint8Array; by?: SentDictionary }
}
export type SentDictionary = {
  /** First 8 bytes of the SHA-256 of `json`, 16 hex digits. */
  hash: string
  json: string
}

/** A new one costs some kilobytes: series that appear one after the other bring their names along until then. */
const AT_MOST_EVERY_MS = 5 * MINUTE
/** A value is said by its distance from the one in the dictionary: after a while those have moved on. */
const REFRESH_MS = 6 * HOUR

/** The names that need not be said with every batch. `newest`: what is known of each series. */
export function createWireDictionary(clock: Clock, newest: () => readonly Reading[]): WireDictionary {
  let made:
    | { builder: DictionaryBuilder; keys: ReadonlySet<string>; sent: SentDictionary; at: number }
    | undefined

  const make = (runs: readonly SeriesRun[]) => {
    const builder = createDictionary()
    const keys = new Set<string>()
    // What is in this batch comes often, and gets the first places.
    for (const { series, v } of runs) {
      builder.place(series, v[0] ?? 0)
      keys.add(seriesKey(series))
    }
    for (const { series, value } of newest()) {
      builder.place(series, Math.round(value * unitsOf(series.metric)))
      keys.add(seriesKey(series))
    }
    const json = JSON.stringify(builder.devices)
    const hash = createHash('sha256').update(json).digest('hex').slice(0, 16)
    return { builder, keys, sent: { hash, json }, at: clock.monotonic() }
  }

  return {
    encode(runs) {
      const { keys, at = Number.NEGATIVE_INFINITY } = made ?? {}
      const ageMs = clock.monotonic() - at
      const isKnown = runs.every(({ series }) => keys?.has(seriesKey(series)))
      if (ageMs >= (isKnown ? REFRESH_MS : AT_MOST_EVERY_MS)) made = make(runs)
      else if (!isKnown) return { columns: encodeWithDictionary(runs) }
      if (!made) return { columns: encodeWithDictionary(runs) }
      return { columns: encodeColumns(runs, made.builder), by: made.sent }
    },
  }
}
