import { type SeriesRun, unitsOf } from '#domain/columns/runs.ts'
import { qualities, type Series } from '#domain/reading.ts'

/**
 * Readings as points of InfluxDB's line protocol, times in UTC ms:
 *
 *   measurement     tags                                                     fields                      time
 *   air.temperature,by=…,device=air-1,farm=north,house=h1,source=sensor value=20.5,quality=0i,detail="…" 1780000000000
 *
 * - `by` is left out for a sensor, since a tag cannot be empty; a query gives a missing tag back as ''.
 * - In a tag, `,` `=` and space stand behind a backslash. What the protocol cannot carry (control characters,
 *   above all a line feed, and the backslash, which cannot be escaped) is written as %XX, and so is `%`.
 * - `quality` is the index in `qualities`; `detail` is JSON, and is left out when there is none.
 *
 * https://docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference/
 */
export function linesOf(farm: string, runs: readonly SeriesRun[]): string {
  let lines = ''
  for (const { series, t, v, marks } of runs) {
    const head = headOf(farm, series)
    const units = unitsOf(series.metric)
    for (let index = 0; index < t.length; index++) {
      const { quality = 'good', detail } = marks?.get(index) ?? {}
      const more = detail ? `,detail="${JSON.stringify(detail).replace(/["\\]/g, '\\$&')}"` : ''
      const value = (v[index] as number) / units
      lines += `${head} value=${value},quality=${qualities.indexOf(quality)}i${more} ${t[index]}\n`
    }
  }
  return lines
}

/** Statements in one request. */
const REMOVALS_AT_ONCE = 500

/** What removes the points at the times of the runs, each `byMs` later: InfluxQL with its parameters. */
export function* removalsOf(farm: string, runs: readonly SeriesRun[], byMs: number): Generator<Removal> {
  for (const { series, t } of runs) {
    const { house, device, source, by } = series
    const params = {
      farm: tagText(farm),
      house: tagText(house),
      device: tagText(device),
      source,
      by: tagText(by),
    }
    for (let from = 0; from < t.length; from += REMOVALS_AT_ONCE) {
      const query = t
        .slice(from, from + REMOVALS_AT_ONCE)
        .map((time) => `DELETE FROM "${series.metric}" WHERE ${isOneSeries} AND time = ${time + byMs}ms`)
        .join(';')
      yield { query, params }
    }
  }
}
export type Removal = { query: string; params: Record<string, string> }

/** One series, whose names come as parameters. A missing tag is asked for as an empty one. */
export const isOneSeries =
  '"farm" = $farm AND "house" = $house AND "device" = $device AND "source" = $source AND "by" = $by'

function headOf(farm: string, { house, device, metric, source, by }: Series): string {
  const who = by === '' ? '' : `,by=${tag(by)}`
  return `${metric}${who},device=${tag(device)},farm=${tag(farm)},house=${tag(house)},source=${source}`
}

function tag(text: string): string {
  return tagText(text).replace(/[,= ]/g, '\\$&')
}

/** A name as it stands in the database, and as a query must ask for it. */
export function tagText(text: string): string {
  return text.replace(/[%\\\p{Cc}]/gu, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** The name that `tagText` made this of. */
export function nameOf(text: string): string {
  return text.replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
