import { ColumnsMistake, createByteReader, createByteWriter } from '#domain/columns/bytes.ts'
import type { Mark } from '#domain/columns/runs.ts'
import { type Detail, qualities } from '#domain/reading.ts'
import type { SeriesBook, StoredSeries } from './series-book.ts'

/** A reading on its way into the store, or out of a fresh piece. `v` in units of the metric's last decimal. */
export type Arrival = { entry: StoredSeries; t: number; v: number; mark: Mark | undefined }

/**
 * A fresh piece, in the order of arrival: written in no time, as every reading waits for it, and for an hour only.
 * Numbers as in #domain/columns/bytes.ts.
 *
 * ```
 * reading × n
 *
 * reading  number            2 × id of the series in the table `dictionary` + marked
 *          signed            time, UTC ms, less the one before (the first: less 0)
 *          signed            value
 *          byte              if marked: quality + 4 × has detail
 *          number, bytes     if it has detail: length, JSON in UTF-8
 * ```
 */
export function encodeFresh(arrivals: readonly Arrival[]): Uint8Array {
  const writer = createByteWriter()
  let before = 0
  for (const { entry, t, v, mark } of arrivals) {
    writer.number(2 * entry.id + (mark ? 1 : 0))
    writer.signed(t - before)
    writer.signed(v)
    before = t
    if (!mark) continue
    writer.byte(qualities.indexOf(mark.quality) + (mark.detail ? 4 : 0))
    if (!mark.detail) continue
    const detail = new TextEncoder().encode(JSON.stringify(mark.detail))
    writer.number(detail.length)
    writer.bytes(detail)
  }
  return writer.take()
}

/** The readings of a piece of `count`, their times moved by `byMs`. Throws `ColumnsMistake` for anything else. */
export function decodeFresh(
  body: Uint8Array,
  count: number,
  byMs: number,
  book: Pick<SeriesBook, 'byId'>,
): Arrival[] {
  const reader = createByteReader(body)
  const arrivals: Arrival[] = []
  let t = byMs
  for (let index = 0; index < count; index++) {
    const head = reader.number()
    const entry = book.byId(Math.floor(head / 2))
    if (!entry) throw new ColumnsMistake(`series ${Math.floor(head / 2)} is not known`)
    t += reader.signed()
    const v = reader.signed()
    let mark: Mark | undefined
    if (head & 1) {
      const flags = reader.byte()
      mark = { quality: qualities[flags & 3] ?? 'bad' }
      if (flags & 4) mark.detail = parsedDetail(reader.bytes(reader.number()))
    }
    arrivals.push({ entry, t, v, mark })
  }
  if (reader.left() > 0) throw new ColumnsMistake(`${reader.left()} bytes too many`)
  return arrivals
}

function parsedDetail(bytes: Uint8Array): Detail {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Detail
  } catch {
    throw new ColumnsMistake('a detail is no JSON')
  }
}
