import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { type DialectId, dialects } from './dialects/index.ts'
import { LinkConfig, viaMistakes } from './link-config.ts'
import { isMetric } from './metrics.ts'
import { isId } from './reading.ts'
import { type ConfigMistake, schemaMistakes } from './schema-mistakes.ts'
import { nodeKey, parseSparkplugAddress, SPARKPLUG } from './sparkplug/topic.ts'
import { isTimeZone } from './time.ts'

export type { LinkConfig } from './link-config.ts'
export type { ConfigMistake } from './schema-mistakes.ts'

/**
 * The one file of a farm's node, read by the bridge and by the edge. Secrets are not in it: a client's token
 * stands in a file of its own, and here only its SHA-256.
 */
const Id = Type.String({ minLength: 1, maxLength: 64 })
const strict = { additionalProperties: false } as const

const House = Type.Object(
  {
    id: Id,
    name: Type.String({ minLength: 1, maxLength: 80 }),
    timeZone: Type.String(),
  },
  strict,
)

/** How a scale that prints a weight a line writes it. */
export const LinePattern = Type.Object(
  {
    /** A regular expression for the whole line, with the named groups `value`, and `unit`, `stable` if it has them. */
    pattern: Type.Optional(Type.String({ minLength: 1 })),
    /** Of a value whose line names none. */
    unit: Type.Optional(
      Type.Union([Type.Literal('g'), Type.Literal('kg'), Type.Literal('lb'), Type.Literal('oz')]),
    ),
    /** The value is a raw count of the converter: what it shows with nothing on the platform … */
    zero: Type.Optional(Type.Number()),
    /** … and by how much it moves for each gram, negative where the cell is mounted upside down. */
    countsPerGram: Type.Optional(Type.Number()),
  },
  strict,
)
export type LinePattern = Static<typeof LinePattern>

/** A device behind the bridge. `model` names its definition in the bridge; `unit` is its Modbus address. */
const BridgeDevice = Type.Object(
  {
    id: Id,
    house: Id,
    model: Type.String({ minLength: 1 }),
    unit: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
    /**
     * Metrics by name of the field in the definition, where the installer says otherwise: another metric (a sensor
     * outside), or `none` for an input that is not wired.
     */
    metrics: Type.Optional(Type.Record(Type.String(), Type.String())),
    /** By how much a field's value is multiplied, by name of the field: litres for each pulse of a water meter. */
    scales: Type.Optional(Type.Record(Type.String(), Type.Number())),
    line: Type.Optional(LinePattern),
    /** For a thermal camera: what it looks at. */
    thermal: Type.Optional(
      Type.Object(
        {
          /** Of what it looks at: feathers and skin 0.94 – 1. */
          emissivity: Type.Optional(Type.Number({ minimum: 0.5, maximum: 1 })),
          /** Of what that mirrors, the house around it, °C; if left out, 8 °C below the sensor's own. */
          reflectedC: Type.Optional(Type.Number({ minimum: -40, maximum: 85 })),
          /** What the camera itself is set to, where it works out temperatures and is not set to its model's usual. */
          deviceEmissivity: Type.Optional(Type.Number({ minimum: 0.5, maximum: 1 })),
        },
        strict,
      ),
    ),
    /** For a camera, thermal or not. */
    picture: Type.Optional(
      Type.Object(
        {
          /** Seconds from one picture to the next. */
          everyS: Type.Optional(Type.Number({ minimum: 0.2, maximum: 3600 })),
          /** Pixels; a wider picture is made smaller. */
          maxWidth: Type.Optional(Type.Integer({ minimum: 64, maximum: 1920 })),
        },
        strict,
      ),
    ),
  },
  strict,
)

/** In a device's `metrics`: this field is not wired, or not wanted. */
export const NOT_WIRED = 'none'

const Link = Type.Object(
  { id: Id, via: LinkConfig, devices: Type.Array(BridgeDevice, { minItems: 1 }) },
  strict,
)

/** A device that speaks MQTT itself: everything under `topic` is its own. */
const MqttDevice = Type.Object(
  {
    id: Id,
    house: Id,
    user: Id,
    dialect: Type.String(),
    topic: Type.String({ minLength: 1, maxLength: 200 }),
    /**
     * Its own names → our metrics, where the dialect's common names do not fit; with `scale` and `offset` where its
     * unit is not ours.
     */
    metrics: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Union([
          Type.String(),
          Type.Object(
            {
              metric: Type.String(),
              scale: Type.Optional(Type.Number()),
              offset: Type.Optional(Type.Number()),
            },
            strict,
          ),
        ]),
      ),
    ),
  },
  strict,
)

/** Who may log in to the broker. A user's rights follow from the devices that name it; `bridge` serves the links. */
const MqttUser = Type.Object(
  { id: Id, tokenSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }), bridge: Type.Optional(Type.Boolean()) },
  strict,
)

/** Where a rule sounds the siren or starts the emergency fan of a house. */
const Output = Type.Object(
  {
    house: Id,
    device: Id,
    output: Type.Union([Type.Literal('siren'), Type.Literal('fan.emergency')]),
  },
  strict,
)

/**
 * Where else values go: on the edge's own broker to `user`, who logs in there; with `url` to a broker outside, as
 * `user` with the token in `tokenFile`, both left out where it asks for none.
 */
const outlet = {
  url: Type.Optional(Type.String({ pattern: '^mqtts?://' })),
  user: Type.Optional(Id),
  tokenFile: Type.Optional(Type.String({ minLength: 1 })),
}
const TopicPart = Type.String({ pattern: '^[^/+#]{1,64}$' })
const Publish = Type.Object(
  {
    homeAssistant: Type.Optional(Type.Object({ ...outlet, prefix: Type.Optional(TopicPart) }, strict)),
    sparkplug: Type.Optional(Type.Object({ ...outlet, group: TopicPart, node: TopicPart }, strict)),
  },
  strict,
)

/** Where feed is counted: the device that weighs a silo, or the one that says whether an auger runs. */
const FeedStore = Type.Union([
  Type.Object({ kind: Type.Literal('silo'), house: Id, device: Id }, strict),
  Type.Object(
    {
      kind: Type.Literal('auger'),
      house: Id,
      device: Id,
      /** Measured once: kilograms that ran into a bucket, by the minutes it took. */
      kgPerMinute: Type.Number({ exclusiveMinimum: 0, maximum: 1000 }),
    },
    strict,
  ),
])

export const NodeConfig = Type.Object(
  {
    houses: Type.Array(House, { minItems: 1 }),
    cloud: Type.Optional(Type.Object({ url: Type.String({ pattern: '^https?://' }) }, strict)),
    edge: Type.Object(
      {
        dataDir: Type.String({ minLength: 1 }),
        /** The database takes no more than this; the oldest single readings go first. Default 2000. */
        maxMb: Type.Optional(Type.Integer({ minimum: 10, maximum: 10_000_000 })),
        /** Left free on the disk for others. Default 5 % of it, at most 200. */
        keepFreeMb: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })),
        mqtt: Type.Object(
          { host: Type.String(), port: Type.Integer({ minimum: 0, maximum: 65535 }) },
          strict,
        ),
        http: Type.Object(
          { host: Type.String(), port: Type.Integer({ minimum: 0, maximum: 65535 }) },
          strict,
        ),
        /** How much of the disk pictures and sound may have; the oldest go first. */
        keep: Type.Optional(
          Type.Object(
            {
              /** If it is left out, a tenth of the disk. */
              picturesMB: Type.Optional(Type.Number({ minimum: 1 })),
              soundMB: Type.Optional(Type.Number({ minimum: 1 })),
              /** Three if it is left out. */
              soundDays: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 366 })),
            },
            strict,
          ),
        ),
      },
      strict,
    ),
    bridge: Type.Object(
      { mqttUrl: Type.String({ pattern: '^mqtts?://' }), user: Id, tokenFile: Type.String({ minLength: 1 }) },
      strict,
    ),
    users: Type.Array(MqttUser, { minItems: 1 }),
    links: Type.Array(Link),
    mqttDevices: Type.Array(MqttDevice),
    outputs: Type.Array(Output),
    publish: Type.Optional(Publish),
    feed: Type.Optional(Type.Array(FeedStore)),
  },
  strict,
)
export type NodeConfig = Static<typeof NodeConfig>
export type LinkDefinition = NodeConfig['links'][number]
export type DeviceConfig = LinkDefinition['devices'][number]
export type MqttDeviceConfig = NodeConfig['mqttDevices'][number]

export type ConfigResult = { ok: true; config: NodeConfig } | { ok: false; mistakes: ConfigMistake[] }

const validator = Compile(NodeConfig)
/** Said by `viaMistakes`. */
const IN_VIA = /^\/links\/\d+\/via(\/|$)/

/**
 * Reads a configuration and names all of its mistakes at once: first those of shape, and, for whatever has
 * the right shape, those of sense (doubled ids, unknown houses, zones, metrics, users).
 */
export function readConfig(input: unknown): ConfigResult {
  const mistakes = [
    ...schemaMistakes(validator, input).filter(({ path }) => !IN_VIA.test(path)),
    ...senseMistakes(input),
  ]
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, config: input as NodeConfig }
}

type Loose = Record<string, unknown>
const list = (value: unknown): Loose[] =>
  Array.isArray(value) ? value.filter((item): item is Loose => typeof item === 'object' && item !== null) : []

/** Mistakes of sense, looked for as far as the shape allows: half a file still gets all its advice. */
function senseMistakes(input: unknown): ConfigMistake[] {
  const mistakes: ConfigMistake[] = []
  const add = (path: string, message: string) => mistakes.push({ path, message })
  if (typeof input !== 'object' || input === null) return mistakes
  const root = input as Loose
  const houses = list(root.houses)
  const users = list(root.users)
  const links = list(root.links)
  const mqttDevices = list(root.mqttDevices)
  const houseIds = new Set(houses.map(({ id }) => id))
  const userIds = new Set(users.map(({ id }) => id))

  houses.forEach(({ id, timeZone }, index) => {
    if (typeof id === 'string' && !isId(id))
      add(`/houses/${index}/id`, `"${id}" may hold only a-z 0-9 . _ @ -`)
    if (typeof timeZone === 'string' && !isTimeZone(timeZone))
      add(`/houses/${index}/timeZone`, `"${timeZone}" is no time zone; write e.g. Asia/Shanghai`)
  })
  doubled(houses, '/houses', add)
  doubled(users, '/users', add)
  doubled(links, '/links', add)
  links.forEach(({ via }, index) => {
    if (via === undefined) return
    const own = typeof via === 'object' ? { ...via } : {}
    for (const { path, message } of viaMistakes(own)) add(`/links/${index}/via${path}`, message)
  })

  const devices = [
    ...links.flatMap((link, index) =>
      list(link.devices).map((device, at) => ({ device, path: `/links/${index}/devices/${at}` })),
    ),
    ...mqttDevices.map((device, index) => ({ device, path: `/mqttDevices/${index}` })),
  ]
  const seen = new Set<unknown>()
  for (const { device, path } of devices) {
    const { id, house, metrics } = device
    if (typeof id === 'string' && !isId(id)) add(`${path}/id`, `"${id}" may hold only a-z 0-9 . _ @ -`)
    if (seen.has(id)) add(`${path}/id`, `"${id}" names two devices`)
    seen.add(id)
    if (typeof house === 'string' && !houseIds.has(house))
      add(`${path}/house`, `there is no house "${house}"`)
    for (const [name, named] of Object.entries(typeof metrics === 'object' ? { ...metrics } : {})) {
      const metric: unknown = typeof named === 'object' && named !== null ? (named as Loose).metric : named
      if (typeof metric === 'string' && metric !== NOT_WIRED && !isMetric(metric))
        add(`${path}/metrics/${name}`, `there is no metric "${metric}"`)
    }
  }
  mqttDevices.forEach(({ user, dialect }, index) => {
    if (typeof user === 'string' && !userIds.has(user))
      add(`/mqttDevices/${index}/user`, `there is no user "${user}"`)
    if (typeof dialect === 'string' && dialect !== SPARKPLUG && !isDialect(dialect))
      add(
        `/mqttDevices/${index}/dialect`,
        `"${dialect}" is not one of ${[...Object.keys(dialects), SPARKPLUG].join(', ')}`,
      )
  })
  const userOfNode = new Map<string, unknown>()
  mqttDevices.forEach(({ dialect, topic, user }, index) => {
    if (dialect !== SPARKPLUG || typeof topic !== 'string') return
    const address = parseSparkplugAddress(topic)
    if (!address) {
      add(
        `/mqttDevices/${index}/topic`,
        'must be spBv1.0/<group>/<edge node>, or …/<device> for one of its devices',
      )
      return
    }
    const first = userOfNode.get(nodeKey(address))
    if (first !== undefined && first !== user)
      add(
        `/mqttDevices/${index}/user`,
        `an edge node is one client: "${nodeKey(address)}" has the user "${first}" above`,
      )
    userOfNode.set(nodeKey(address), first ?? user)
  })
  for (const [name, own] of Object.entries(typeof root.publish === 'object' ? { ...root.publish } : {})) {
    const { url, user } = (typeof own === 'object' && own !== null ? own : {}) as Loose
    if (url === undefined && !(typeof user === 'string' && userIds.has(user)))
      add(`/publish/${name}/user`, 'name who of `users` may listen here, or a broker outside with `url`')
  }
  list(root.feed).forEach(({ house, device }, index) => {
    const own = devices.find((candidate) => candidate.device.id === device)
    if (typeof device === 'string' && !own) add(`/feed/${index}/device`, `there is no device "${device}"`)
    else if (own && own.device.house !== house)
      add(`/feed/${index}/house`, `"${String(device)}" stands in house "${String(own.device.house)}"`)
  })
  list(root.outputs).forEach(({ house, device, output }, index) => {
    if (output === 'fan.emergency')
      add(`/outputs/${index}/output`, 'no rule starts an emergency fan yet: leave this output out')
    if (typeof house === 'string' && !houseIds.has(house))
      add(`/outputs/${index}/house`, `there is no house "${house}"`)
    if (typeof device === 'string' && !seen.has(device))
      add(`/outputs/${index}/device`, `there is no device "${device}"`)
  })
  return mistakes
}

function doubled(items: Loose[], path: string, add: (path: string, message: string) => void): void {
  const seen = new Set<unknown>()
  items.forEach(({ id }, index) => {
    if (seen.has(id)) add(`${path}/${index}/id`, `"${String(id)}" stands twice`)
    seen.add(id)
  })
}

/** One text for all mistakes, for a console. */
export function describeMistakes(file: string, mistakes: readonly ConfigMistake[]): string {
  const lines = mistakes.map(({ path, message }) => `  ${path}: ${message}`)
  return `${file} has ${mistakes.length} mistake${mistakes.length === 1 ? '' : 's'}:\n${lines.join('\n')}`
}

export function isDialect(id: string): id is DialectId {
  return Object.hasOwn(dialects, id)
}
