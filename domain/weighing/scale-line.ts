import { type Static, Type } from 'typebox'

/** A scale's calibration as its edge needs it: grams = (load − emptyLoad) · gramsPerLoad from `since` (UTC ms) on. */
export const ScaleLine = Type.Object(
  {
    house: Type.String(),
    device: Type.String(),
    emptyLoad: Type.Number(),
    gramsPerLoad: Type.Number(),
    since: Type.Integer(),
  },
  { additionalProperties: false },
)
export type ScaleLine = Static<typeof ScaleLine>

/** The load itself where nobody calibrated the scale: it is taken as grams. */
export function gramsOf(
  load: number,
  line: Pick<ScaleLine, 'emptyLoad' | 'gramsPerLoad'> | undefined,
): number {
  return line ? (load - line.emptyLoad) * line.gramsPerLoad : load
}
