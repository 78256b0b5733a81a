import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const strict = { additionalProperties: false } as const

/** An offset that readings were stamped with: `offsetMs` with the boot is the clock stamp that the store knows. */
const Used = Type.Object(
  {
    offsetMs: Type.Integer(),
    /** Since when, ms since boot. */
    fromMs: Type.Number(),
    /** The time was known then. */
    isKnown: Type.Boolean(),
  },
  strict,
)
export type Used = Static<typeof Used>

const Earlier = Type.Object({ boot: Type.String(), used: Type.Array(Used), newestT: Type.Integer() }, strict)
/** A boot that ended before the time was known in it. `newestT`: its newest reading, as it was stamped. */
export type Earlier = Static<typeof Earlier>

/** What the edge remembers of its clock: a restart within the same boot goes on as if nothing had happened. */
export const ClockNote = Type.Object(
  {
    boot: Type.String(),
    offsetMs: Type.Integer(),
    trust: Type.Union([Type.Literal('none'), Type.Literal('system'), Type.Literal('cloud')]),
    systemOffsetMs: Type.Integer(),
    syncedAt: Type.Optional(Type.Number()),
    /** Oldest first. */
    used: Type.Array(Used),
    earlier: Type.Array(Earlier),
  },
  strict,
)
export type ClockNote = Static<typeof ClockNote>

/** Undefined for a note that is none. */
export function readClockNote(text: string | undefined): ClockNote | undefined {
  if (text === undefined) return undefined
  try {
    const note: unknown = JSON.parse(text)
    return Value.Check(ClockNote, note) ? note : undefined
  } catch {
    return undefined
  }
}
