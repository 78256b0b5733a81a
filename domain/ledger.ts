import { type Static, Type } from 'typebox'
import { HEARTBEAT_MS } from './metrics.ts'
import { DAY } from './time.ts'

/**
 * The ledger: what a box measured, and what became of it, by stream and day. The box counts what lies on its disk;
 * the cloud counts what lies in its own store, anew and without the box's help. Where the two do not meet, something
 * is missing, and the ledger says how much and where. A day is one of UTC, by the readings' own times.
 */
const strict = { additionalProperties: false } as const
const Count = Type.Integer({ minimum: 0 })
const Day = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' })

const stream = {
  house: Type.String({ maxLength: 64 }),
  device: Type.String({ maxLength: 64 }),
  metric: Type.String({ maxLength: 64 }),
  source: Type.Union([Type.Literal('sensor'), Type.Literal('model'), Type.Literal('person')]),
  by: Type.String({ maxLength: 64 }),
}

const counts = {
  /** Different readings that the box took. */
  measured: Count,
  /** Came again with a time that the box had; not counted in `measured`. */
  duplicate: Count,
  /** Raw readings that made room on a full disk before they could be sent. */
  thinned: Count,
  /** Means of an hour that stand for those. */
  replaced: Count,
  /** Kept on the box, as the cloud would not take them. */
  aside: Count,
  /** Acknowledged by the cloud, among `standing`. */
  acknowledged: Count,
}
const StreamCounts = Type.Object(counts, strict)
export type StreamCounts = Static<typeof StreamCounts>

/** What the box has, or had, to send of a stream and day. */
export function standing({ measured, thinned, replaced, aside }: StreamCounts): number {
  return measured - thinned - aside + replaced
}

export const StreamDay = Type.Object({ ...stream, ...counts }, strict)
export type StreamDay = Static<typeof StreamDay>

const numbers = {
  /** Life of the box's database. */
  epoch: Type.String({ pattern: '^[0-9a-f]{16}$' }),
  /** The highest number in the lane `readings`, the highest one sent, and the highest one acknowledged. */
  stored: Count,
  sent: Count,
  acknowledged: Count,
  /** UTC ms of the oldest single reading on the box. */
  keptSince: Type.Optional(Type.Integer()),
  /** Days without a line that the box has room for, before single readings become means of an hour. */
  daysLeft: Type.Optional(Type.Number({ minimum: 0 })),
}

/** What a box says of one day. A later one of the same day takes its place. */
export const LedgerStatement = Type.Object(
  {
    /** UTC ms, by the box's clock. */
    at: Type.Integer(),
    numbers: Type.Object(numbers, strict),
    day: Day,
    /** The longest time on this day without an answer from the cloud, ms. */
    longestOfflineMs: Count,
    /** Lost on a damaged disk before they could be sent; of which streams nobody can tell any more. */
    damaged: Count,
    streams: Type.Array(StreamDay, { maxItems: 20_000 }),
  },
  strict,
)
export type LedgerStatement = Static<typeof LedgerStatement>

/** A sensor says something every minute; three minutes without a word are a gap. */
export const GAP_MS = 3 * HEARTBEAT_MS

export type Gaps = { gaps: number; longestGapMs: number }

/**
 * Gaps between readings of a stream on one day. `before`: the last reading before the day, if there is one; `end`: of
 * the day, where it is over, as a sensor that falls silent leaves a gap up to there.
 */
export function gapsOf(times: readonly number[], { before, end }: { before?: number; end?: number }): Gaps {
  let gaps = 0
  let longestGapMs = 0
  let last = before
  for (const t of end === undefined ? times : [...times, end]) {
    const pause = last === undefined ? 0 : t - last
    if (pause > GAP_MS) gaps++
    longestGapMs = Math.max(longestGapMs, pause)
    last = t
  }
  return { gaps, longestGapMs }
}

/** First and last instant of a UTC day, [from, to). */
export function instantsOf(day: string): { from: number; to: number } {
  const from = Date.parse(`${day}T00:00:00Z`)
  return { from, to: from + DAY }
}

/** What the cloud adds: its own count. Null while it has not counted since the box's last word. */
const verdict = {
  inCloud: Type.Union([Count, Type.Null()]),
  /** Acknowledged, and not in the cloud. It should be 0, always. */
  missing: Count,
  /** In the cloud, and more than the box had to send. Of a day that is over. */
  surplus: Count,
  gaps: Count,
  longestGapMs: Count,
}

export const LedgerDay = Type.Object(
  { day: Day, ...counts, ...verdict, damaged: Count, longestOfflineMs: Count, toldAt: Type.Integer() },
  strict,
)
export type LedgerDay = Static<typeof LedgerDay>

export const LedgerStream = Type.Object({ ...stream, ...counts, ...verdict }, strict)
export type LedgerStream = Static<typeof LedgerStream>

export const EdgeLedger = Type.Object(
  {
    edge: Type.String(),
    /** It is connected no more; what it said stays. */
    isRetired: Type.Boolean(),
    /** Null for a box that has said nothing yet. */
    numbers: Type.Union([Type.Object(numbers, strict), Type.Null()]),
    days: Type.Array(LedgerDay),
    streams: Type.Array(LedgerStream),
  },
  strict,
)
export type EdgeLedger = Static<typeof EdgeLedger>

export const LedgerView = Type.Object({ from: Day, to: Day, edges: Type.Array(EdgeLedger) }, strict)
export type LedgerView = Static<typeof LedgerView>

/** Both days are in it. Without them: the last 30 days. */
export const LedgerQuery = Type.Object({ from: Type.Optional(Day), to: Type.Optional(Day) }, strict)
export type LedgerQuery = Static<typeof LedgerQuery>

/** A stream's day as the cloud keeps it. */
export type CountedDay = StreamDay & {
  day: string
  /** UTC ms by the cloud: of the box's word, and of the cloud's count; 0 where there is none. */
  toldAt: number
  countedAt: number
  inCloud: number | null
} & Gaps

const streamKey = ({ house, device, metric, source, by }: CountedDay) =>
  JSON.stringify([house, device, metric, source, by])

/**
 * The cloud counts what the farm has of a stream, and two boxes may have sent parts of it, such as the one that took
 * the other's place at noon. Its count is shared out by what each box was told of, in the order given; the rest goes
 * to the last. What is missing shows once.
 */
export function shareOut<Box extends { streams: readonly CountedDay[] }>(
  boxes: readonly Box[],
): (Box & { streams: CountedDay[] })[] {
  const groups = Map.groupBy(
    boxes.flatMap(({ streams }) => streams),
    (row) => row.day + streamKey(row),
  )
  const shares = new Map<CountedDay, number | null>()
  for (const rows of groups.values()) {
    const isCounted = rows.every(({ inCloud }) => inCloud !== null)
    let left = rows.reduce((newest, row) => (row.countedAt > newest.countedAt ? row : newest)).inCloud ?? 0
    for (const [index, row] of rows.entries()) {
      const share = index === rows.length - 1 ? left : Math.min(left, row.acknowledged)
      shares.set(row, isCounted ? share : null)
      left -= share
    }
  }
  return boxes.map((box) => ({
    ...box,
    streams: box.streams.map((row) => ({ ...row, inCloud: shares.get(row) ?? null })),
  }))
}

type Sum = StreamCounts & { inCloud: number | null; missing: number; surplus: number } & Gaps
const nothing: Sum = {
  ...{ measured: 0, duplicate: 0, thinned: 0, replaced: 0, aside: 0, acknowledged: 0 },
  ...{ inCloud: 0, missing: 0, surplus: 0, gaps: 0, longestGapMs: 0 },
}

/** Adds stream days up. What was not counted yet makes the sum's `inCloud` null; nothing of it counts as missing. */
function add(sum: Sum, row: CountedDay): Sum {
  const missing = row.inCloud === null ? 0 : Math.max(0, row.acknowledged - row.inCloud)
  // While a day runs, more comes in between the box's word and the count.
  const isOver = row.toldAt >= instantsOf(row.day).to
  const surplus = isOver && row.inCloud !== null ? Math.max(0, row.inCloud - standing(row)) : 0
  return {
    measured: sum.measured + row.measured,
    duplicate: sum.duplicate + row.duplicate,
    thinned: sum.thinned + row.thinned,
    replaced: sum.replaced + row.replaced,
    aside: sum.aside + row.aside,
    acknowledged: sum.acknowledged + row.acknowledged,
    inCloud: sum.inCloud === null || row.inCloud === null ? null : sum.inCloud + row.inCloud,
    missing: sum.missing + missing,
    surplus: sum.surplus + surplus,
    gaps: sum.gaps + row.gaps,
    longestGapMs: Math.max(sum.longestGapMs, row.longestGapMs),
  }
}

export function sumByDay(rows: readonly CountedDay[]): Map<string, Sum> {
  const sums = new Map<string, Sum>()
  for (const row of rows) sums.set(row.day, add(sums.get(row.day) ?? nothing, row))
  return sums
}

export function sumByStream(rows: readonly CountedDay[]): LedgerStream[] {
  const sums = new Map<string, LedgerStream>()
  for (const row of rows) {
    const { house, device, metric, source, by } = row
    const key = streamKey(row)
    sums.set(key, { house, device, metric, source, by, ...add(sums.get(key) ?? nothing, row) })
  }
  return [...sums.values()]
}
