import { type Static, Type } from 'typebox'
import { AlarmEvent } from './alarm.ts'
import { metrics } from './metrics.ts'
import { qualities, type Reading, type Series, seriesKey } from './reading.ts'
import { DeviceHealth } from './topics.ts'
import { ScaleLine } from './weighing/scale-line.ts'

/**
 * How an edge keeps the cloud in step.
 *
 * Each edge numbers what it stores, from 1, in lanes (`readings`, `alarms`) of an epoch (one life of its
 * database). A batch carries one unbroken run `from … to` of a lane. The cloud keeps the highest number it
 * has durably stored, writes it in the same transaction as the data, and answers with it: a batch below it
 * is old and answered, one that overlaps is taken from there on, one that leaves a gap is refused with
 * the number expected. Repeats, reordering and cuts therefore end in the same state.
 *
 * Beside the lanes, while somebody watches and a backlog drains, `Live` carries the newest value of each
 * series for the eyes only; it is never stored as history.
 */
const strict = { additionalProperties: false } as const
const Integers = Type.Array(Type.Integer())

/**
 * Readings of one series as columns of differences: `t` and `v` hold the first value, then the step to each
 * next one; `v` counts in units of the metric's last decimal. `marked` lists the readings that are not
 * plainly good: position, quality and what stands behind it.
 */
export const SeriesColumns = Type.Object(
  {
    house: Type.String(),
    device: Type.String(),
    metric: Type.String(),
    source: Type.Union([Type.Literal('sensor'), Type.Literal('model'), Type.Literal('person')]),
    by: Type.String(),
    t: Integers,
    v: Integers,
    marked: Type.Optional(
      Type.Array(
        Type.Object(
          {
            i: Type.Integer({ minimum: 0 }),
            quality: Type.Enum(qualities),
            detail: Type.Optional(
              Type.Object(
                {
                  n: Type.Optional(Type.Number()),
                  low: Type.Optional(Type.Number()),
                  high: Type.Optional(Type.Number()),
                  evidence: Type.Optional(Type.String()),
                },
                strict,
              ),
            ),
          },
          strict,
        ),
      ),
    ),
  },
  strict,
)
export type SeriesColumns = Static<typeof SeriesColumns>

const span = {
  epoch: Type.String({ pattern: '^[0-9a-f]{16}$' }),
  from: Type.Integer({ minimum: 1 }),
  to: Type.Integer({ minimum: 1 }),
}
/** `order` holds, for each number of the run in turn, the index of its series: it makes an overlap cuttable. */
export const ReadingsBatch = Type.Object(
  { lane: Type.Literal('readings'), ...span, series: Type.Array(SeriesColumns), order: Integers },
  strict,
)
export const AlarmsBatch = Type.Object(
  { lane: Type.Literal('alarms'), ...span, events: Type.Array(AlarmEvent) },
  strict,
)
export const Batch = Type.Union([ReadingsBatch, AlarmsBatch])
export type ReadingsBatch = Static<typeof ReadingsBatch>
export type AlarmsBatch = Static<typeof AlarmsBatch>
export type Batch = Static<typeof Batch>

/** Most readings in one batch, and most bytes of its JSON once unpacked. */
export const MAX_BATCH_READINGS = 20_000
export const MAX_BATCH_BYTES = 8_000_000

/** The cloud's answer to a batch. `watermark` is the highest number durably stored in that epoch and lane. */
export const BatchAnswer = Type.Object(
  { watermark: Type.Integer({ minimum: 0 }), notBeforeMs: Type.Optional(Type.Integer({ minimum: 0 })) },
  strict,
)
export type BatchAnswer = Static<typeof BatchAnswer>

/** What the page's watchers see at once, and how the edge fares. Sent every second or two while somebody watches. */
export const Live = Type.Object(
  {
    t: Type.Integer(),
    /** Numbers not yet acknowledged by the cloud. */
    backlog: Type.Integer({ minimum: 0 }),
    readings: Type.Array(SeriesColumns),
    /** Counters of the edge by name, e.g. `rejected.implausible`. */
    counters: Type.Record(Type.String(), Type.Number()),
    devices: Type.Record(Type.String(), DeviceHealth),
  },
  strict,
)
export type Live = Static<typeof Live>

/** What the cloud wants of an edge. The edge asks with the version it has and is answered when it changes. */
export const Wants = Type.Object(
  {
    version: Type.Integer({ minimum: 0 }),
    /** Somebody looks at the page: live values within 2 s. */
    watched: Type.Boolean(),
    /** Houses whose thermal picture is being looked at. */
    pictures: Type.Array(Type.String()),
    /** Alarms that somebody acknowledged on the page and that are still open. */
    acknowledged: Type.Array(Type.String()),
    flocks: Type.Array(
      Type.Object(
        {
          house: Type.String(),
          breed: Type.String(),
          sex: Type.Union([Type.Literal('as-hatched'), Type.Literal('male'), Type.Literal('female')]),
          placedOn: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' }),
          birds: Type.Integer({ minimum: 0 }),
        },
        strict,
      ),
    ),
    /** Scales that a person calibrated: grams = (load − emptyLoad) · gramsPerLoad for loads from `since` (UTC ms) on. */
    scales: Type.Optional(Type.Array(ScaleLine)),
  },
  strict,
)
export type Wants = Static<typeof Wants>

/** Longest that the cloud lets an edge wait for news. */
export const MAX_WANTS_WAIT_MS = 55_000
/** `version` is the one the edge has, 0 for none. */
export const WantsQuery = Type.Object(
  {
    version: Type.Optional(Type.Integer({ minimum: 0 })),
    waitMs: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_WANTS_WAIT_MS })),
  },
  strict,
)
export type WantsQuery = Static<typeof WantsQuery>

/** An edge shows a sign of life at least this often, whatever it has to say. */
export const SIGN_OF_LIFE_MS = 15_000

export const Enrolment = Type.Object(
  {
    /** Shown once on the page, good for an hour. */
    code: Type.String({ minLength: 8, maxLength: 32 }),
    /** Raw Ed25519 public key, base64url. */
    publicKey: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
  },
  strict,
)
export type Enrolment = Static<typeof Enrolment>
export const EnrolmentAnswer = Type.Object({ edge: Type.String(), farm: Type.String() }, strict)
export type EnrolmentAnswer = Static<typeof EnrolmentAnswer>

/** Columns of readings in the order they are given. Values must already be rounded to their metric's decimals. */
export function packReadings(readings: readonly Reading[]): { series: SeriesColumns[]; order: number[] } {
  const columns: SeriesColumns[] = []
  const indexes = new Map<string, number>()
  const last: { t: number; v: number }[] = []
  const order = readings.map((reading) => {
    const key = seriesKey(reading.series)
    let index = indexes.get(key)
    if (index === undefined) {
      index = columns.push({ ...reading.series, t: [], v: [] }) - 1
      indexes.set(key, index)
      last.push({ t: 0, v: 0 })
    }
    const column = columns[index] as SeriesColumns
    const before = last[index] as { t: number; v: number }
    const v = Math.round(reading.value * 10 ** metrics[reading.series.metric].decimals)
    if (reading.quality !== 'good' || reading.detail) {
      column.marked ??= []
      column.marked.push({
        i: column.t.length,
        quality: reading.quality,
        ...(reading.detail && { detail: reading.detail }),
      })
    }
    column.t.push(reading.t - before.t)
    column.v.push(v - before.v)
    last[index] = { t: reading.t, v }
    return index
  })
  return { series: columns, order }
}

/** The readings of one series, in its own order. `columns` must have passed `columnsMistake`. */
export function unpackSeries(columns: SeriesColumns): Reading[] {
  const series = {
    house: columns.house,
    device: columns.device,
    metric: columns.metric as Series['metric'],
    source: columns.source,
    by: columns.by,
  }
  const factor = 10 ** metrics[series.metric].decimals
  const marks = new Map(columns.marked?.map((mark) => [mark.i, mark]))
  let t = 0
  let v = 0
  return columns.t.map((step, index) => {
    t += step
    v += columns.v[index] ?? 0
    const mark = marks.get(index)
    return {
      series,
      t,
      value: v / factor,
      quality: mark?.quality ?? 'good',
      ...(mark?.detail && { detail: mark.detail }),
    }
  })
}

/** What is wrong with the inner order of a batch, in words, or undefined. */
export function columnsMistake(
  series: readonly SeriesColumns[],
  order?: readonly number[],
): string | undefined {
  for (const [index, column] of series.entries()) {
    if (!Object.hasOwn(metrics, column.metric))
      return `series ${index}: there is no metric "${column.metric}"`
    if (column.t.length !== column.v.length)
      return `series ${index}: ${column.t.length} times, ${column.v.length} values`
  }
  if (!order) return undefined
  const counts = series.map(() => 0)
  for (const index of order) {
    if (counts[index] === undefined) return `order names series ${index}, there are ${series.length}`
    counts[index]++
  }
  const off = counts.findIndex((count, index) => count !== series[index]?.t.length)
  return off === -1
    ? undefined
    : `series ${off}: ${counts[off]} places in order, ${series[off]?.t.length} values`
}

/** The readings of a batch in the order of their numbers. */
export function unpackBatch(batch: ReadingsBatch): Reading[] {
  const perSeries = batch.series.map(unpackSeries)
  const next = perSeries.map(() => 0)
  return batch.order.map((index) => {
    const at = next[index] as number
    next[index] = at + 1
    return perSeries[index]?.[at] as Reading
  })
}
