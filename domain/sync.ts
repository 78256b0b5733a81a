import { type Static, Type } from 'typebox'
import { AlarmEvent } from './alarm.ts'
import { qualities } from './reading.ts'
import { MINUTE } from './time.ts'
import { DeviceHealth } from './topics.ts'

/**
 * How an edge keeps the cloud in step.
 *
 * Each edge numbers what it stores, from 1, in lanes (`readings`, `alarms`) of an epoch (one life of its
 * database). A batch carries one unbroken run `from … to` of a lane: alarm events as JSON, readings as columns
 * (`./columns/batch-header.ts`). The cloud keeps the highest number it has durably stored, writes it in the same
 * transaction as the data, and answers with it: a batch up to it is old and answered, one that goes beyond it is
 * taken whole, as (series, t) and (alarm, action) tell what is there already, and one that leaves a gap is refused
 * with the number expected. Repeats, reordering and cuts therefore end in the same state.
 *
 * Beside the lanes `Live` says how the edge fares and, while somebody watches and a backlog drains, carries the
 * newest values for the eyes only; they are never stored as history.
 */
const strict = { additionalProperties: false } as const

export const lanes = ['readings', 'alarms'] as const
export type LaneName = (typeof lanes)[number]

const Epoch = Type.String({ pattern: '^[0-9a-f]{16}$' })
export const AlarmsBatch = Type.Object(
  {
    lane: Type.Literal('alarms'),
    epoch: Epoch,
    from: Type.Integer({ minimum: 1 }),
    to: Type.Integer({ minimum: 1 }),
    events: Type.Array(AlarmEvent),
  },
  strict,
)
export type AlarmsBatch = Static<typeof AlarmsBatch>

/** Most readings, or events, in one batch. */
export const MAX_BATCH_READINGS = 50_000
export const MAX_BATCH_EVENTS = 5_000
/** Most bytes of a batch as it is sent, and of what it unpacks to. */
export const MAX_BATCH_BYTES = 2_000_000
export const MAX_UNPACKED_BYTES = 8_000_000
/** Most bytes of a dictionary's JSON. */
export const MAX_DICTIONARY_BYTES = 2_000_000

/** One record that cannot be what it says; the rest of its batch was taken. */
const RefusedRecord = Type.Object(
  {
    house: Type.String(),
    device: Type.String(),
    metric: Type.String(),
    /** Of a reading. */
    source: Type.Optional(Type.String()),
    by: Type.Optional(Type.String()),
    t: Type.Number(),
    why: Type.String(),
  },
  strict,
)
export type RefusedRecord = Static<typeof RefusedRecord>

/** Of what the cloud would not take it names so many. */
export const MAX_REFUSED_NAMED = 1000

/**
 * The cloud's answer to a batch. `watermark` is the highest number durably stored in that epoch and lane. Of what it
 * would not take (`refusedCount` records) it names the first few.
 */
export const BatchAnswer = Type.Object(
  {
    watermark: Type.Integer({ minimum: 0 }),
    notBeforeMs: Type.Optional(Type.Integer({ minimum: 0 })),
    refused: Type.Optional(Type.Array(RefusedRecord, { maxItems: MAX_REFUSED_NAMED })),
    refusedCount: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  strict,
)
export type BatchAnswer = Static<typeof BatchAnswer>

/** Where a lane stands: asked after each start of the edge. */
export const WatermarkParams = Type.Object(
  { lane: Type.Union([Type.Literal('readings'), Type.Literal('alarms')]), epoch: Epoch },
  strict,
)

/** A value for the eyes only. */
const LiveReading = Type.Object(
  {
    series: Type.Object(
      {
        house: Type.String(),
        device: Type.String(),
        metric: Type.String(),
        source: Type.Union([Type.Literal('sensor'), Type.Literal('model'), Type.Literal('person')]),
        by: Type.String(),
      },
      strict,
    ),
    t: Type.Integer(),
    value: Type.Number(),
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
)

/**
 * How the edge fares: every 15 s while somebody watches, else when it has nothing else to say for a minute, at most
 * every some minutes otherwise. With `readings`, what changed since the last one, while somebody watches a backlog.
 */
export const Live = Type.Object(
  {
    t: Type.Integer(),
    /** Numbers not yet acknowledged by the cloud. */
    backlog: Type.Integer({ minimum: 0 }),
    readings: Type.Array(LiveReading, { maxItems: 10_000 }),
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
  },
  strict,
)
export type Wants = Static<typeof Wants>

/** Longest that the cloud lets an edge wait for news. */
export const MAX_WANTS_WAIT_MS = 240_000
/** `version` is the one the edge has, 0 for none. */
export const WantsQuery = Type.Object(
  {
    version: Type.Optional(Type.Integer({ minimum: 0 })),
    waitMs: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_WANTS_WAIT_MS })),
  },
  strict,
)
export type WantsQuery = Static<typeof WantsQuery>

/** An edge shows a sign of life at least this often: a batch, or `Live` when there is nothing to send. */
export const SIGN_OF_LIFE_MS = 1 * MINUTE

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
