import { type DialectId, dialects } from '#domain/dialects/index.ts'
import type { MetricId } from '#domain/metrics.ts'
import type { EdgeConnection, EdgeConnectionOptions } from '../../reporting/edge-connection.ts'
import { mqttDevicesOf } from '../farm-layout.ts'
import type { Measured, Values } from '../model/house-model.ts'

export type MqttAccess = { url: string; users: Readonly<Record<string, string>> }

/** Logs in to the broker and stays; a test may bring its own. */
export type ConnectToEdge = (options: EdgeConnectionOptions) => EdgeConnection

/** One of the broker's users that only publishes. It keeps knocking, so trouble needs no word here. */
export function logIn(
  connect: ConnectToEdge,
  { url, users }: MqttAccess,
  user: string,
  onConnected = () => {},
): EdgeConnection | undefined {
  const token = users[user]
  if (token === undefined) return undefined
  return connect({ url, user, token, topics: [], onConnected, onTrouble() {}, onMessage() {} })
}

export type MqttDevices = {
  /** Publishes what is due `elapsedMs` after the last call. */
  tick(elapsedMs: number, measured: Measured): void
  state(): Record<string, { connected: boolean; published: number }>
  close(): Promise<void>
}

/** The devices of a house that speak MQTT themselves, each logged in as itself. Those without a token are not there. */
export function createMqttDevices(house: string, access: MqttAccess, connect: ConnectToEdge): MqttDevices {
  const { meters, zigbee } = mqttDevicesOf(house)
  const kinds = [
    {
      ...meters,
      role: 'meters',
      say: sayEach,
      presence: { topic: `${meters.topic}/status`, on: 'online', off: 'offline' },
    },
    {
      ...zigbee,
      role: 'zigbee',
      say: sayAtOnce,
      presence: {
        topic: `${zigbee.topic}/availability`,
        on: '{"state":"online"}',
        off: '{"state":"offline"}',
      },
    },
  ] as const
  const devices = kinds.flatMap((kind) => {
    const { presence } = kind
    const due = { inMs: 0, published: 0 }
    const session = logIn(connect, access, kind.user, () => {
      due.inMs = 0
      session?.publish(presence.topic, presence.on, 0, true).catch(ignore)
    })
    if (!session) return []
    return [{ kind, session, due }]
  })

  return {
    tick(elapsedMs, measured) {
      for (const { kind, session, due } of devices) {
        due.inMs -= elapsedMs
        if (due.inMs > 0 || !session.connected()) continue
        due.inMs = kind.everyMs
        for (const { topic, payload } of kind.say(
          kind.dialect,
          kind.topic,
          kind.names,
          measured[kind.role],
        )) {
          due.published++
          session.publish(topic, payload, 0).catch(ignore)
        }
      }
    },
    state: () =>
      Object.fromEntries(
        devices.map(({ kind, session, due }) => [
          kind.user,
          { connected: session.connected(), published: due.published },
        ]),
      ),
    async close() {
      await Promise.all(
        devices.map(async ({ kind: { presence }, session }) => {
          if (session.connected()) await session.publish(presence.topic, presence.off, 0, true).catch(ignore)
          await session.close()
        }),
      )
    },
  }
}

type Message = { topic: string; payload: string }
type Names = Readonly<Record<string, MetricId>>

/** ESPHome: a message for each sensor. */
function sayEach(dialect: DialectId, topic: string, names: Names, values: Values): Message[] {
  return Object.entries(names).flatMap(([name, metric]) => {
    const value = values[metric]
    return value === undefined ? [] : [dialects[dialect].encode(topic, name, value)]
  })
}

/** Zigbee2MQTT: one flat object with all of them, and what else it always says. */
function sayAtOnce(dialect: DialectId, topic: string, names: Names, values: Values): Message[] {
  const parts = sayEach(dialect, topic, names, values).map(({ payload }): unknown => JSON.parse(payload))
  return [{ topic, payload: JSON.stringify(Object.assign({ linkquality: 120 }, ...parts)) }]
}

/** A value that could not be sent is an old value: the next one follows. */
function ignore() {}
