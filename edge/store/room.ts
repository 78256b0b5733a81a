import { statfsSync } from 'node:fs'
import { DAY } from '#domain/time.ts'
import type { Database } from '#sqlite-file/database.ts'

/** How much room the store takes and has. Bytes and days. */
export type Room = {
  usedBytes: number
  /** Until readings must be thinned out; below 0 they must be. */
  leftBytes: number
  /** UTC ms of the oldest single reading; undefined for an empty store. */
  keptSince: number | undefined
  /** What a day of readings comes to, of late; undefined before the first hour. */
  bytesPerDay: number | undefined
  /** Days without a line until the first readings that were never sent are thinned out; undefined likewise. */
  daysLeft: number | undefined
}

export type RoomLimits = {
  /** The database takes no more than this. */
  maxBytes: number
  /** Left to others on the disk. Default: 5 % of it, at most 200 MB. */
  reserveBytes?: number
}

const MOST_RESERVE_BYTES = 200_000_000
const RESERVE_SHARE = 0.05
/** A young store is mostly what is not sealed yet. */
const MOST_OVERHEAD = 2
/** The rate is that of the last days. */
const RATE_DAYS = 3

type Row = { last: number; t_min: number; t_max: number; bytes: number; raw: number }

/** `dataDir`: where the database lies. `watermark`: what the cloud has acknowledged. */
export function openRoom(
  database: Database,
  dataDir: string,
  limits: RoomLimits,
  watermark: () => number,
): { look(): Room; leftBytes(): number } {
  const pragma = (name: string) => Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0)
  const pieces = database.prepare(
    'SELECT last, t_min, t_max, length(body) AS bytes, thinned = 0 AS raw FROM sealed WHERE withdrawn = 0 AND count > 0',
  )
  const measure = () => {
    const pageBytes = pragma('page_size')
    const freeInside = pragma('freelist_count') * pageBytes
    const usedBytes = pragma('page_count') * pageBytes - freeInside
    const { bavail, blocks, bsize } = statfsSync(dataDir)
    const reserve = limits.reserveBytes ?? Math.min(MOST_RESERVE_BYTES, RESERVE_SHARE * blocks * bsize)
    const onDisk = bavail * bsize + freeInside - reserve
    return { usedBytes, leftBytes: Math.min(limits.maxBytes - usedBytes, onDisk) }
  }
  return {
    leftBytes: () => measure().leftBytes,
    look() {
      const { usedBytes, leftBytes } = measure()
      const rows = pieces.all() as unknown as Row[]
      const raw = rows.filter((row) => row.raw === 1)
      const bodies = rows.reduce((sum, { bytes }) => sum + bytes, 0)
      const bytesPerDay = rateOf(raw, Math.min(MOST_OVERHEAD, usedBytes / Math.max(1, bodies)))
      const acknowledged = watermark()
      // What the cloud has goes first: it is room as well.
      const sparable = raw.reduce((sum, { last, bytes }) => (last <= acknowledged ? sum + bytes : sum), 0)
      return {
        usedBytes,
        leftBytes,
        keptSince: raw.length === 0 ? undefined : Math.min(...raw.map(({ t_min }) => t_min)),
        bytesPerDay,
        daysLeft: bytesPerDay && Math.max(0, leftBytes + sparable) / bytesPerDay,
      }
    },
  }
}

/** Bytes a day of the newest pieces. `overhead`: what the file takes for each byte of a body. */
function rateOf(rows: readonly Row[], overhead: number): number | undefined {
  const newest = Math.max(...rows.map(({ t_max }) => t_max))
  const recent = rows.filter(({ t_max }) => t_max > newest - RATE_DAYS * DAY)
  const spanMs = newest - Math.min(...recent.map(({ t_min }) => t_min))
  const bytes = recent.reduce((sum, row) => sum + row.bytes, 0)
  return spanMs > 0 && Number.isFinite(spanMs) ? (bytes * overhead * DAY) / spanMs : undefined
}
