import { type Static, Type } from 'typebox'

/**
 * A flock and its books. The books are a list of entries that is only ever added to: a mistake is put right
 * by an entry that names the one it replaces. An entry's id is made where it is written (the phone), so that
 * one that arrives twice counts once.
 */
const strict = { additionalProperties: false } as const
const Day = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' })
const Birds = Type.Integer({ minimum: 1, maximum: 500_000 })
const Note = Type.Optional(Type.String({ maxLength: 500 }))

export const sexes = ['as-hatched', 'male', 'female'] as const
export const causesOfDeath = ['unknown', 'disease', 'heat', 'smothering', 'predator', 'leg', 'other'] as const

export const NewFlock = Type.Object(
  {
    /** Made by the sender, so that a repeat makes no second flock. */
    id: Type.String({ format: 'uuid' }),
    house: Type.String({ maxLength: 64 }),
    /** A breed standard's id, or `custom`. */
    breed: Type.String({ maxLength: 64 }),
    sex: Type.Enum(sexes),
    placedOn: Day,
    placed: Birds,
  },
  strict,
)
export type NewFlock = Static<typeof NewFlock>

const common = {
  id: Type.String({ format: 'uuid' }),
  /** The house's local day that it belongs to. */
  day: Day,
  /** When it was written, by the writer's clock, UTC ms. */
  at: Type.Integer(),
  note: Note,
  /** Id of the entry that this one replaces. */
  replaces: Type.Optional(Type.String({ format: 'uuid' })),
}
const birdsEntry = <const Kind extends string>(kind: Kind) =>
  Type.Object({ ...common, kind: Type.Literal(kind), birds: Birds }, strict)

export const BookEntry = Type.Union([
  birdsEntry('placed'),
  Type.Object(
    { ...common, kind: Type.Literal('died'), birds: Birds, cause: Type.Optional(Type.Enum(causesOfDeath)) },
    strict,
  ),
  birdsEntry('culled'),
  /** Positive into the house, negative out of it. */
  Type.Object(
    {
      ...common,
      kind: Type.Literal('moved'),
      birds: Type.Integer({ minimum: -500_000, maximum: 500_000 }),
    },
    strict,
  ),
  Type.Object(
    {
      ...common,
      kind: Type.Literal('sold'),
      birds: Birds,
      /** Live weight of the load, kg. */
      kg: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 2_000_000 })),
    },
    strict,
  ),
  Type.Object(
    { ...common, kind: Type.Literal('feed'), kg: Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 }) },
    strict,
  ),
  Type.Object(
    {
      ...common,
      kind: Type.Literal('medicine'),
      product: Type.String({ minLength: 1, maxLength: 120 }),
      /** Days before slaughter that must pass. */
      withdrawalDays: Type.Integer({ minimum: 0, maximum: 120 }),
    },
    strict,
  ),
  /** Birds caught and weighed by a person: how many, and what they weigh together. */
  Type.Object(
    {
      ...common,
      kind: Type.Literal('weighed'),
      birds: Type.Integer({ minimum: 2, maximum: 10_000 }),
      kg: Type.Number({ exclusiveMinimum: 0, maximum: 100_000 }),
    },
    strict,
  ),
  /** Takes back the entry named by `replaces`, and puts nothing in its place. */
  Type.Object({ ...common, kind: Type.Literal('withdrawn') }, strict),
])
export type BookEntry = Static<typeof BookEntry>
export type EntryKind = BookEntry['kind']

export type FlockBalance = {
  placed: number
  died: number
  culled: number
  moved: number
  sold: number
  /** Birds that the books say are in the house now. Negative means that the books are wrong. */
  present: number
  /** Feed put into the house, kg. */
  feedKg: number
}

/** Entries that stand: those that were replaced, or taken back, are left out. */
export function standingEntries(entries: readonly BookEntry[]): BookEntry[] {
  const replaced = new Set(entries.map(({ replaces }) => replaces))
  return entries.filter(({ id, kind }) => !replaced.has(id) && kind !== 'withdrawn')
}

/** The books added up. `placed` counts birds placed with the flock itself, before any entry. */
export function balance(placed: number, entries: readonly BookEntry[]): FlockBalance {
  const sum = { placed, died: 0, culled: 0, moved: 0, sold: 0, feedKg: 0 }
  for (const entry of standingEntries(entries)) {
    if (entry.kind === 'feed') sum.feedKg += entry.kg
    else if ('birds' in entry && entry.kind !== 'weighed') sum[entry.kind] += entry.birds
  }
  return { ...sum, present: sum.placed - sum.died - sum.culled + sum.moved - sum.sold }
}
