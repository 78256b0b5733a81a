import type { MqttDeviceConfig, NodeConfig } from '#domain/config.ts'
import { type Channel, topicFor } from '#domain/topics.ts'

/** What a message under an allowed topic is. */
export type Route =
  | { kind: Exclude<Channel, 'command'>; house: string; device: string }
  | { kind: 'dialect'; house: string; device: string; config: MqttDeviceConfig }

/**
 * A gateway such as Zigbee2MQTT publishes for all of its devices, and about itself, under one first level.
 * What is not listed there is nobody's: it is dropped, and the gateway goes on.
 */
export type Unlisted = { kind: 'unlisted' }
const unlisted: Unlisted = { kind: 'unlisted' }

export type Rights = {
  /** Undefined when the user may not publish there. */
  publish(topic: string): Route | Unlisted | undefined
  subscribe(filter: string): boolean
  receive(topic: string): boolean
}

/** All commands at once; what is handed on is still checked topic by topic. */
const EVERY_COMMAND = topicFor('+', '+', 'command')

/**
 * What each user of the broker may do, from the configuration alone:
 *
 * | user | publishes | subscribes |
 * |---|---|---|
 * | `bridge` | readings, block, frame, health of its links' devices; readings (history) of every device | their commands |
 * | named by an mqttDevice | under that device's topic; beside it, under the same first level, it is dropped | under that device's topic |
 */
export function rightsByUser(config: NodeConfig): Map<string, Rights> {
  return new Map(config.users.map((user) => [user.id, rightsOf(user, config)]))
}

function rightsOf(user: NodeConfig['users'][number], config: NodeConfig): Rights {
  const routes = new Map<string, Route>()
  const commands = new Set<string>()
  if (user.bridge) {
    for (const { house, id } of config.mqttDevices) {
      routes.set(topicFor(house, id, 'readings'), { kind: 'readings', house, device: id })
    }
    for (const { house, id } of config.links.flatMap(({ devices }) => devices)) {
      for (const kind of ['readings', 'block', 'frame', 'health'] as const) {
        routes.set(topicFor(house, id, kind), { kind, house, device: id })
      }
      commands.add(topicFor(house, id, 'command'))
    }
  }
  const own = config.mqttDevices
    .filter((device) => device.user === user.id)
    .map((device) => ({
      topic: device.topic,
      below: `${device.topic}/`,
      route: { kind: 'dialect', house: device.house, device: device.id, config: device } as const,
    }))
  const firstLevels = new Set(own.map(({ topic }) => firstLevel(topic)))
  const ownOf = (topic: string) =>
    own.find((device) => topic === device.topic || topic.startsWith(device.below))

  return {
    publish: (topic) =>
      routes.get(topic) ?? ownOf(topic)?.route ?? (firstLevels.has(firstLevel(topic)) ? unlisted : undefined),
    subscribe: (filter) =>
      commands.has(filter) || (filter === EVERY_COMMAND && commands.size > 0) || ownOf(filter) !== undefined,
    receive: (topic) => commands.has(topic) || ownOf(topic) !== undefined,
  }
}

const firstLevel = (topic: string): string => topic.split('/', 1)[0] ?? ''
