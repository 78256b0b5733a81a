import { type Static, Type } from 'typebox'
import { isId } from './reading.ts'

/**
 * Topics inside the house, between devices, bridge and edge:
 *
 * ```
 * flockwise/v1/<house>/<device>/readings        JSON, device or bridge → edge, QoS 1
 * flockwise/v1/<house>/<device>/block           JSON LoadBlock or binary SoundBlock, bridge → edge, QoS 0
 * flockwise/v1/<house>/<device>/frame           binary ThermalFrame or Picture, bridge → edge, QoS 0
 * flockwise/v1/<house>/<device>/health          JSON DeviceHealth, bridge → edge, retained
 * flockwise/v1/<house>/<device>/command         JSON Command, edge → bridge, QoS 1
 * ```
 */
export const channels = ['readings', 'block', 'frame', 'health', 'command'] as const
export type Channel = (typeof channels)[number]

const ROOT = 'flockwise/v1/'

export function topicFor(house: string, device: string, channel: Channel): string {
  return `${ROOT}${house}/${device}/${channel}`
}

export type Address = { house: string; device: string; channel: Channel }

/** Undefined when the topic is not one of ours. */
export function parseTopic(topic: string): Address | undefined {
  if (!topic.startsWith(ROOT)) return undefined
  const [house, device, channel, ...rest] = topic.slice(ROOT.length).split('/')
  if (!house || !device || !channel || rest.length > 0) return undefined
  if (!isId(house) || !isId(device)) return undefined
  const known = channels.find((candidate) => candidate === channel)
  return known && { house, device, channel: known }
}

/** What one device measured at one moment. A list of them is a backlog, oldest first. */
export const Sample = Type.Object(
  {
    /** UTC ms, by the sender's clock. */
    t: Type.Integer(),
    /**
     * The same moment as ms since the sender's machine was started, and which start that was: this clock never jumps.
     * An edge on the same machine goes by it, and so knows the time even of what was measured before it knew the time.
     */
    boot: Type.Optional(Type.String({ pattern: '^[0-9a-f]{16}$' })),
    mono: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Metric id → value, in the metric's unit. */
    values: Type.Record(Type.String({ maxLength: 64 }), Type.Number()),
    /** A sensor says nothing; a person or model names itself. */
    source: Type.Optional(
      Type.Union([Type.Literal('sensor'), Type.Literal('model'), Type.Literal('person')]),
    ),
    by: Type.Optional(Type.String({ maxLength: 64 })),
  },
  { additionalProperties: false },
)
export type Sample = Static<typeof Sample>

export const MAX_SAMPLES_PER_MESSAGE = 1000
export const ReadingsMessage = Type.Union([
  Sample,
  Type.Array(Sample, { minItems: 1, maxItems: MAX_SAMPLES_PER_MESSAGE }),
])
export type ReadingsMessage = Static<typeof ReadingsMessage>

/** Larger messages are refused and counted; a picture of `MAX_JPEG_BYTES` is the largest there should be. */
export const MAX_MESSAGE_BYTES = 1_000_000

/** What the edge asks a device to do. Relays are named for what hangs on them. */
export const Command = Type.Object(
  {
    /** Echoed in logs; the same id twice is done once. */
    id: Type.String({ maxLength: 128 }),
    output: Type.Union([Type.Literal('siren'), Type.Literal('fan.emergency')]),
    on: Type.Boolean(),
  },
  { additionalProperties: false },
)
export type Command = Static<typeof Command>

/** How a device and its link fare: shown on the health page. */
export const DeviceHealth = Type.Object(
  {
    /** UTC ms when this was written. */
    t: Type.Integer(),
    link: Type.Union([Type.Literal('open'), Type.Literal('opening'), Type.Literal('closed')]),
    /** UTC ms of the last good frame, 0 when there was none. */
    lastFrameAt: Type.Integer(),
    frames: Type.Integer(),
    /** Frames or bytes thrown away, by reason. */
    discarded: Type.Record(Type.String(), Type.Integer()),
    /** How often the link was opened anew. */
    reopened: Type.Integer(),
    /** The last trouble in plain words, for the installer. */
    error: Type.Optional(Type.String({ maxLength: 300 })),
    /** What the edge adds of its own: good frames a minute, … */
    perMinute: Type.Optional(Type.Number()),
    /** … metrics that say the same number for longer than they can, … */
    stuck: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 })),
    /** … and the charge of its battery, %. */
    battery: Type.Optional(Type.Number()),
  },
  { additionalProperties: false },
)
export type DeviceHealth = Static<typeof DeviceHealth>
