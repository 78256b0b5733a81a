import { qualities, type Reading, type Series } from '#domain/reading.ts'

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
export function linesOf(farm: string, readings: readonly Reading[]): string {
  const heads = new Map<Series, string>()
  let lines = ''
  for (const { series, t, value, quality, detail } of readings) {
    let head = heads.get(series)
    if (head === undefined) {
      head = headOf(farm, series)
      heads.set(series, head)
    }
    const more = detail ? `,detail="${JSON.stringify(detail).replace(/["\\]/g, '\\$&')}"` : ''
    lines += `${head} value=${value},quality=${qualities.indexOf(quality)}i${more} ${t}\n`
  }
  return lines
}

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
