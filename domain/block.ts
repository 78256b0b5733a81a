import { type Static, Type } from 'typebox'

/**
 * At most one second of scale samples. Blocks go from the bridge to the edge and stay in its ring: they are
 * evidence for a weight, not a series of their own.
 */
export const LoadBlock = Type.Object(
  {
    /** UTC ms of the first sample. */
    t: Type.Integer(),
    /** Milliseconds from one sample to the next. */
    stepMs: Type.Number({ exclusiveMinimum: 0, maximum: 10_000 }),
    /** Load on the platform in grams, tare and litter included. */
    grams: Type.Array(Type.Number(), { minItems: 1, maxItems: 100 }),
  },
  { additionalProperties: false },
)
export type LoadBlock = Static<typeof LoadBlock>
