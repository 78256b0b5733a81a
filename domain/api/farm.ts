import { type Static, Type } from 'typebox'
import { alarmStates } from '../alarm.ts'
import { BookEntry, NewFlock } from '../flock.ts'
import { qualities } from '../reading.ts'
import { Severity } from '../rules/rule.ts'
import { DeviceHealth } from '../topics.ts'

/**
 * What the phone page and other clients read and write over HTTP: one schema gives the validation, the
 * OpenAPI page and the browser's type. Paths stand in routes.ts.
 */
const strict = { additionalProperties: false } as const
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

/** What a Date can hold, from 1970 on. */
const instants = { minimum: 0, maximum: 8.64e15 } as const

export const SetupState = Type.Object({ needed: Type.Boolean() }, strict)
export type SetupState = Static<typeof SetupState>

const Login = Type.String({ minLength: 3, maxLength: 120 })
const Password = Type.String({ minLength: 10, maxLength: 200 })

/** First run: the code is printed by the service where only its operator sees it. */
export const Setup = Type.Object(
  {
    code: Type.String({ maxLength: 64 }),
    login: Login,
    password: Password,
    name: Type.String({ minLength: 1, maxLength: 80 }),
  },
  strict,
)
export type Setup = Static<typeof Setup>

export const NewSession = Type.Object({ login: Login, password: Type.String({ maxLength: 200 }) }, strict)
export type NewSession = Static<typeof NewSession>

export const Farm = Type.Object({ id: Type.String(), name: Type.String(), timeZone: Type.String() }, strict)
export type Farm = Static<typeof Farm>

export const Me = Type.Object({ login: Type.String(), name: Type.String(), farms: Type.Array(Farm) }, strict)
export type Me = Static<typeof Me>

export const NewFarm = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
    name: Type.String({ minLength: 1, maxLength: 80 }),
    timeZone: Type.String({ maxLength: 64 }),
  },
  strict,
)
export type NewFarm = Static<typeof NewFarm>

export const NewHouse = Type.Object(
  {
    /** As in the node's configuration. */
    id: Type.String({ pattern: '^[a-z0-9][a-z0-9._@-]{0,63}$' }),
    name: Type.String({ minLength: 1, maxLength: 80 }),
    timeZone: Type.String({ maxLength: 64 }),
    /** Floor that birds can use, m². */
    floorM2: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100_000 })),
  },
  strict,
)
export type NewHouse = Static<typeof NewHouse>

export const LatestValue = Type.Object(
  {
    device: Type.String(),
    metric: Type.String(),
    /** The model behind it, empty for a sensor. */
    by: Type.String(),
    t: Type.Integer(),
    value: Type.Number(),
    quality: Type.Enum(qualities),
    /** It came here more than 2 minutes after it was measured. Known of what came since the service was started. */
    late: Type.Optional(Type.Literal(true)),
    detail: Type.Optional(
      Type.Object({
        n: Type.Optional(Type.Number()),
        low: Type.Optional(Type.Number()),
        high: Type.Optional(Type.Number()),
        evidence: Type.Optional(Type.String()),
      }),
    ),
  },
  strict,
)
export type LatestValue = Static<typeof LatestValue>

export const FlockView = Type.Object(
  {
    ...NewFlock.properties,
    ageDays: Type.Integer(),
    /** The books added up; `present` is the head-count of the books. */
    balance: Type.Object({
      placed: Type.Integer(),
      died: Type.Integer(),
      culled: Type.Integer(),
      moved: Type.Integer(),
      sold: Type.Integer(),
      present: Type.Integer(),
      feedKg: Type.Number(),
    }),
    /** Breed standard's weight at this age, g; null for a custom breed or outside the table. */
    targetWeightG: Nullable(Type.Number()),
    /** Target air temperature at this age, °C. */
    targetTemperatureC: Nullable(Type.Number()),
  },
  strict,
)
export type FlockView = Static<typeof FlockView>

export const AlarmView = Type.Object(
  {
    id: Type.String(),
    /** Empty when it concerns a node of the farm as a whole (rule `edge-silent`); `device` is then the edge. */
    house: Type.String(),
    device: Type.String(),
    rule: Type.String(),
    metric: Type.String(),
    severity: Severity,
    state: Type.Enum(alarmStates),
    since: Type.Integer(),
    raisedAt: Type.Integer(),
    /** When the cloud was told, by its own clock: earlier than `raisedAt` if the edge's clock is ahead. */
    receivedAt: Type.Integer(),
    clearedAt: Nullable(Type.Integer()),
    acknowledgedAt: Nullable(Type.Integer()),
    acknowledgedBy: Nullable(Type.String()),
    value: Nullable(Type.Number()),
    limit: Nullable(Type.Number()),
    late: Type.Boolean(),
  },
  strict,
)
export type AlarmView = Static<typeof AlarmView>

/** `open` leaves out those that are over and known. Without `to`, up to now; at most `limit`, newest first. */
export const AlarmsQuery = Type.Object(
  {
    open: Type.Optional(Type.Boolean()),
    house: Type.Optional(Type.String({ maxLength: 64 })),
    /** Raised at or after this, UTC ms. */
    from: Type.Optional(Type.Integer(instants)),
    /** Raised before this, UTC ms. */
    to: Type.Optional(Type.Integer(instants)),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  },
  strict,
)
export type AlarmsQuery = Static<typeof AlarmsQuery>

export const HouseView = Type.Object(
  {
    ...NewHouse.properties,
    flock: Nullable(FlockView),
    /** Newest value of each series; the page shows its age. */
    latest: Type.Array(LatestValue),
    /** Open alarms, worst first. */
    alarms: Type.Array(AlarmView),
  },
  strict,
)
export type HouseView = Static<typeof HouseView>

export const EdgeView = Type.Object(
  {
    id: Type.String(),
    enrolledAt: Type.Integer(),
    /** Last signed request, 0 when never. */
    seenAt: Type.Integer(),
    /**
     * How far its clock is ahead of the cloud's, ms; negative when behind. By what it last said of itself, so that
     * its way here counts in: some seconds are nothing.
     */
    clockAheadMs: Type.Optional(Type.Integer()),
    /** Readings on the edge that the cloud does not have yet. */
    backlog: Type.Integer(),
    counters: Type.Record(Type.String(), Type.Number()),
    devices: Type.Record(Type.String(), DeviceHealth),
  },
  strict,
)
export type EdgeView = Static<typeof EdgeView>

export const Overview = Type.Object(
  { t: Type.Integer(), farm: Farm, houses: Type.Array(HouseView), edges: Type.Array(EdgeView) },
  strict,
)
export type Overview = Static<typeof Overview>

/** `cloud` are the service's own counters, e.g. refused requests by code. */
export const HealthView = Type.Object(
  {
    t: Type.Integer(),
    edges: Type.Array(EdgeView),
    cloud: Type.Record(Type.String(), Type.Number()),
  },
  strict,
)
export type HealthView = Static<typeof HealthView>

export const SeriesQuery = Type.Object(
  {
    metric: Type.String({ maxLength: 64 }),
    /** UTC ms. */
    from: Type.Integer(instants),
    to: Type.Integer(instants),
    /** How many points at most; the range is cut into that many equal buckets. */
    points: Type.Optional(Type.Integer({ minimum: 1, maximum: 2000 })),
  },
  strict,
)
export type SeriesQuery = Static<typeof SeriesQuery>

/** One line of a chart: bucket starts with mean, min and max. A bucket without readings is left out, never 0. */
export const ChartSeries = Type.Object(
  {
    device: Type.String(),
    metric: Type.String(),
    by: Type.String(),
    bucketMs: Type.Number(),
    t: Type.Array(Type.Integer()),
    mean: Type.Array(Type.Number()),
    min: Type.Array(Type.Number()),
    max: Type.Array(Type.Number()),
  },
  strict,
)
export type ChartSeries = Static<typeof ChartSeries>

export const ThermalView = Type.Object(
  {
    device: Type.String(),
    t: Type.Integer(),
    width: Type.Integer(),
    height: Type.Integer(),
    /** °C × 100, row by row. */
    centiC: Type.Array(Type.Integer()),
  },
  strict,
)
export type ThermalView = Static<typeof ThermalView>

/** Each kind of entry with who wrote it and when it came. `Evaluate`, since an entry by itself takes no more members. */
export const EntryView = Type.Evaluate(
  Type.Intersect([BookEntry, Type.Object({ by: Type.String(), receivedAt: Type.Integer() })]),
)
export type EntryView = Static<typeof EntryView>

export const EnrolmentCode = Type.Object({ code: Type.String(), expiresAt: Type.Integer() }, strict)
export type EnrolmentCode = Static<typeof EnrolmentCode>

/** RFC 9457. */
export const ProblemBody = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  /** Of a batch-gap: the number to go on from. */
  expected: Type.Optional(Type.Integer()),
})
export type ProblemBody = Static<typeof ProblemBody>

/** Events of the live stream (SSE): `event:` is the kind, `data:` the JSON of the rest. */
export type LiveEvent =
  | { kind: 'values'; house: string; values: LatestValue[] }
  | { kind: 'alarm'; alarm: AlarmView }
  | { kind: 'edge'; edge: EdgeView }
  | { kind: 'thermal'; house: string; frame: ThermalView }
  /** Something of this house changed that is worth reading anew (a flock, its books). */
  | { kind: 'changed'; house: string }
