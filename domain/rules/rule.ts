import { type Static, Type } from 'typebox'
import { isMetric } from '../metrics.ts'

/** A limit, fixed or by the age of the birds: straight lines between the days named, flat outside them. */
export const Limit = Type.Union([
  Type.Number(),
  Type.Array(
    Type.Object({ day: Type.Integer({ minimum: 0 }), value: Type.Number() }, { additionalProperties: false }),
    {
      minItems: 1,
    },
  ),
])
export type Limit = Static<typeof Limit>

const strict = { additionalProperties: false } as const
export const Condition = Type.Union([
  Type.Object(
    {
      kind: Type.Union([Type.Literal('above'), Type.Literal('below')]),
      limit: Limit,
      /** It clears only when the value is back by this much. */
      hysteresis: Type.Number({ minimum: 0 }),
    },
    strict,
  ),
  Type.Object(
    {
      /**
       * The value rose (change > 0) or fell (change < 0) by at least `change` within `withinMs`. It has recovered
       * when the movement is below two thirds of that.
       */
      kind: Type.Literal('rate'),
      change: Type.Number(),
      withinMs: Type.Integer({ minimum: 1000, maximum: 3_600_000 }),
    },
    strict,
  ),
  Type.Object({ kind: Type.Literal('silent'), afterMs: Type.Integer({ minimum: 1000 }) }, strict),
])
export type Condition = Static<typeof Condition>

export const severities = ['critical', 'warning', 'info'] as const
export const Severity = Type.Enum(severities)
export type Severity = (typeof severities)[number]

export const Rule = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9-]{1,64}$' }),
    metric: Type.Refine(Type.String(), isMetric, () => 'is not in the metric catalogue'),
    condition: Condition,
    /** How long the condition must hold before it is raised. */
    forMs: Type.Integer({ minimum: 0 }),
    /** How long it must have recovered before it is cleared; at once when absent. */
    clearForMs: Type.Optional(Type.Integer({ minimum: 0 })),
    severity: Severity,
    /** Sounds the siren in the house. */
    siren: Type.Boolean(),
    /** Where the limit comes from. */
    source: Type.String(),
  },
  strict,
)
export type Rule = Static<typeof Rule>

/** The limit that holds at this age. Without an age (no flock placed) a curve has no value. */
export function limitAt(limit: Limit, ageDays: number | undefined): number | undefined {
  if (typeof limit === 'number') return limit
  if (ageDays === undefined) return undefined
  const after = limit.findIndex(({ day }) => day >= ageDays)
  if (after === -1) return limit.at(-1)?.value
  const right = limit[after]
  const left = limit[after - 1]
  if (!right || !left) return right?.value
  return left.value + ((right.value - left.value) * (ageDays - left.day)) / (right.day - left.day)
}
