import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { type ConfigMistake, schemaMistakes } from './schema-mistakes.ts'

/** The ways to a device: `via` of a link in the configuration. */
const strict = { additionalProperties: false } as const

const SerialLink = Type.Object(
  {
    type: Type.Literal('serial'),
    path: Type.String({ minLength: 1 }),
    baudRate: Type.Integer({ minimum: 300, maximum: 4_000_000 }),
    dataBits: Type.Optional(Type.Union([Type.Literal(7), Type.Literal(8)])),
    parity: Type.Optional(Type.Union([Type.Literal('none'), Type.Literal('even'), Type.Literal('odd')])),
    stopBits: Type.Optional(Type.Union([Type.Literal(1), Type.Literal(2)])),
  },
  strict,
)
const TcpLink = Type.Object(
  {
    type: Type.Literal('tcp'),
    host: Type.String({ minLength: 1 }),
    port: Type.Integer({ minimum: 1, maximum: 65535 }),
  },
  strict,
)
const ModbusTcpLink = Type.Object(
  {
    type: Type.Literal('modbus-tcp'),
    host: Type.String({ minLength: 1 }),
    port: Type.Integer({ minimum: 1, maximum: 65535 }),
  },
  strict,
)
/** A UPS behind a server of Network UPS Tools. */
const NutLink = Type.Object(
  {
    type: Type.Literal('nut'),
    host: Type.String({ minLength: 1 }),
    port: Type.Integer({ minimum: 1, maximum: 65535 }),
    /** Its name in the server's ups.conf; it goes into the question as it is. */
    ups: Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$' }),
  },
  strict,
)
const ReplayLink = Type.Object(
  {
    type: Type.Literal('replay'),
    /** A recording: one `{"t":ms,"hex":"…"}` a line. */
    file: Type.String({ minLength: 1 }),
    /** 1 is as fast as it was recorded. */
    speed: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1000 })),
  },
  strict,
)

/** Who logs in at a camera. The password stands in a file of its own, as all secrets do. */
const logIn = {
  user: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  passwordFile: Type.Optional(Type.String({ minLength: 1 })),
}
const RtspLink = Type.Object({ type: Type.Literal('rtsp'), url: Type.String(), ...logIn }, strict)
/** Pictures one after the other in one answer that never ends. */
const MjpegLink = Type.Object({ type: Type.Literal('mjpeg'), url: Type.String(), ...logIn }, strict)
/** An address that answers with one picture, asked again and again. */
const SnapshotLink = Type.Object({ type: Type.Literal('snapshot'), url: Type.String(), ...logIn }, strict)
/** Where a camera or recorder puts its files. Only what is new is taken. */
const FolderLink = Type.Object(
  {
    type: Type.Literal('folder'),
    path: Type.String({ minLength: 1 }),
    /** Take away what was read, and what was passed over for a newer one. */
    remove: Type.Optional(Type.Boolean()),
  },
  strict,
)
const VideoLink = Type.Object({ type: Type.Literal('v4l2'), path: Type.String({ pattern: '^/' }) }, strict)
const AlsaLink = Type.Object({ type: Type.Literal('alsa'), device: Type.String({ minLength: 1 }) }, strict)

export const linkKinds = {
  serial: SerialLink,
  tcp: TcpLink,
  'modbus-tcp': ModbusTcpLink,
  nut: NutLink,
  replay: ReplayLink,
  rtsp: RtspLink,
  mjpeg: MjpegLink,
  snapshot: SnapshotLink,
  folder: FolderLink,
  v4l2: VideoLink,
  alsa: AlsaLink,
}
export const LinkConfig = Type.Union([
  SerialLink,
  TcpLink,
  ModbusTcpLink,
  NutLink,
  ReplayLink,
  RtspLink,
  MjpegLink,
  SnapshotLink,
  FolderLink,
  VideoLink,
  AlsaLink,
])
export type LinkConfig = Static<typeof LinkConfig>
/** A link whose device is reached by its address on the network, and may ask for a name and a password. */
export type UrlLink = Extract<LinkConfig, { url: string }>

const schemes: Record<UrlLink['type'], readonly string[]> = {
  rtsp: ['rtsp', 'rtsps'],
  mjpeg: ['http', 'https'],
  snapshot: ['http', 'https'],
}

const validators = new Map(Object.entries(linkKinds).map(([type, schema]) => [type, Compile(schema)]))

/**
 * What is wrong with one `via`, by its place in it. Held against its own kind alone: against the union, every kind
 * would say what it misses.
 */
export function viaMistakes(via: Readonly<Record<string, unknown>>): ConfigMistake[] {
  const { type } = via
  const validator = validators.get(typeof type === 'string' ? type : '')
  if (!validator) return [{ path: '/type', message: `must be one of ${[...validators.keys()].join(', ')}` }]
  const ofShape = schemaMistakes(validator, via).map(({ path, message }) => ({
    path: path === '/' ? '' : path,
    message,
  }))
  return [...ofShape, ...urlMistakes(via)]
}

function urlMistakes({ type, url, user, passwordFile }: Readonly<Record<string, unknown>>): ConfigMistake[] {
  if (typeof type !== 'string' || typeof url !== 'string' || !Object.hasOwn(schemes, type)) return []
  const allowed = schemes[type as UrlLink['type']]
  const parsed = URL.parse(url)
  const mistakes: ConfigMistake[] = []
  if (!parsed || !allowed.includes(parsed.protocol.slice(0, -1)) || parsed.hostname === '')
    mistakes.push({ path: '/url', message: `must be an address like ${allowed[0]}://192.168.1.64/…` })
  if (parsed?.username && user !== undefined)
    mistakes.push({ path: '/user', message: 'stands in the address already: leave one of them out' })
  if (passwordFile !== undefined && user === undefined)
    mistakes.push({ path: '/passwordFile', message: 'a password needs a user' })
  return mistakes
}
