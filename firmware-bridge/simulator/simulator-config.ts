import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { findBreedStandard } from '#domain/breeds/breed-standards.ts'
import type { ConfigMistake } from '#domain/config.ts'
import { isId } from '#domain/reading.ts'
import { isDay, isTimeZone } from '#domain/time.ts'

const strict = { additionalProperties: false } as const
const Port = Type.Integer({ minimum: 0, maximum: 65535 })

export const HouseConfig = Type.Object(
  {
    id: Type.Refine(Type.String(), isId, () => 'may hold only a-z 0-9 . _ @ -'),
    breed: Type.Refine(
      Type.String(),
      (id) => findBreedStandard(id) !== undefined,
      () => 'names no breed standard',
    ),
    placedOn: Type.Refine(Type.String(), isDay, () => 'is no day, write e.g. 2026-06-01'),
    birds: Type.Integer({ minimum: 1, maximum: 500_000 }),
    timeZone: Type.Refine(Type.String(), isTimeZone, () => 'is no time zone'),
    /** 0 or absent: any free one. */
    ports: Type.Optional(Type.Object({ bus: Port, scale: Port, thermal: Port }, strict)),
  },
  strict,
)
export type HouseConfig = Static<typeof HouseConfig>

/** The file that FLOCKWISE_SIMULATOR names. */
export const SimulatorConfig = Type.Object(
  {
    seed: Type.Integer(),
    houses: Type.Array(HouseConfig, { minItems: 1 }),
    /** The edge's broker and the tokens of those who log in; without it nothing speaks MQTT. */
    mqtt: Type.Optional(
      Type.Object(
        { url: Type.String({ pattern: '^mqtts?://' }), users: Type.Record(Type.String(), Type.String()) },
        strict,
      ),
    ),
    /** Port of the control server. */
    control: Type.Optional(Port),
    /** Days of history that the logger publishes. Default 21. */
    historyDays: Type.Optional(Type.Number({ minimum: 0, maximum: 60 })),
    climate: Type.Optional(Type.Union([Type.Literal('spring'), Type.Literal('summer')])),
    /** A past ammonia trouble in the history; null for none. Default: house 1, nine days ago, 40 minutes up to 24 ppm. */
    pastEpisode: Type.Optional(
      Type.Union([
        Type.Null(),
        Type.Object(
          {
            house: Type.String(),
            daysAgo: Type.Number({ exclusiveMinimum: 0, maximum: 60 }),
            minutes: Type.Number({ exclusiveMinimum: 0, maximum: 1440 }),
            ppm: Type.Number({ exclusiveMinimum: 0, maximum: 100 }),
          },
          strict,
        ),
      ]),
    ),
  },
  strict,
)
export type SimulatorConfig = Static<typeof SimulatorConfig>

export type SimulatorConfigResult =
  | { ok: true; config: SimulatorConfig }
  | { ok: false; mistakes: ConfigMistake[] }

const validator = Compile(SimulatorConfig)

/** Reads a simulator's configuration and names all of its mistakes at once. */
export function readSimulatorConfig(input: unknown): SimulatorConfigResult {
  if (validator.Check(input)) {
    const twice = input.houses.find(
      ({ id }, index) => input.houses.findIndex((house) => house.id === id) < index,
    )
    if (!twice) return { ok: true, config: input }
    return { ok: false, mistakes: [{ path: '/houses', message: `"${twice.id}" stands twice` }] }
  }
  const mistakes = validator
    .Errors(input)
    .map(({ instancePath, message }) => ({ path: instancePath || '/', message }))
  return { ok: false, mistakes }
}
