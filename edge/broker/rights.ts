import type { MqttDeviceConfig, NodeConfig } from '#domain/config.ts'
import { isOutTopic } from '#domain/home-assistant/discovery.ts'
import { nodeKey, parseSparkplugAddress, parseSparkplugTopic, SPARKPLUG } from '#domain/sparkplug/topic.ts'
import { type Channel, topicFor } from '#domain/topics.ts'

/** What a message under an allowed topic is. */
export type Route =
  | { kind: Exclude<Channel, 'command'>; house: string; device: string }
  | { kind: 'dialect'; house: string; device: string; config: MqttDeviceConfig }
  /** Of a Sparkplug node whose messages are followed together, whichever of its devices speaks. */
  | { kind: 'sparkplug'; house: string; device: string }
  /** A plant's SCADA commands the node that this edge is to it. */
  | { kind: 'outlet-command'; house: string; device: string }

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
 * | `publish.homeAssistant.user` | nothing; what it says of itself is dropped | discovery and values |
 * | `publish.sparkplug.user` | commands to this node | births and data of this node |
 * | named by a Sparkplug device | births, data and deaths of its edge node and all of that node's devices | the commands of that node, the state of its host |
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
  const ownDevices = config.mqttDevices.filter((device) => device.user === user.id)
  const sparkplug = sparkplugRights(ownDevices)
  const own = ownDevices
    .filter(({ dialect }) => dialect !== SPARKPLUG)
    .map((device) => ({
      topic: device.topic,
      below: `${device.topic}/`,
      route: { kind: 'dialect', house: device.house, device: device.id, config: device } as const,
    }))
  const reader = readerRights(user.id, config)
  const firstLevels = new Set([...ownDevices.map(({ topic }) => firstLevel(topic)), ...reader.firstLevels])
  const ownOf = (topic: string) =>
    own.find((device) => topic === device.topic || topic.startsWith(device.below))

  return {
    publish: (topic) =>
      routes.get(topic) ??
      ownOf(topic)?.route ??
      sparkplug.publish(topic) ??
      reader.publish(topic) ??
      (firstLevels.has(firstLevel(topic)) ? unlisted : undefined),
    subscribe: (filter) =>
      commands.has(filter) ||
      (filter === EVERY_COMMAND && commands.size > 0) ||
      ownOf(filter) !== undefined ||
      sparkplug.listen(filter) ||
      reader.listen(filter),
    receive: (topic) =>
      commands.has(topic) || ownOf(topic) !== undefined || sparkplug.listen(topic) || reader.listen(topic),
  }
}

/** Who only listens: Home Assistant, and a SCADA that may ask for a rebirth. */
function readerRights(
  user: string,
  { publish = {} }: NodeConfig,
): { firstLevels: string[]; publish(topic: string): Route | undefined; listen(topic: string): boolean } {
  const { homeAssistant: home, sparkplug } = publish
  const isHome = home !== undefined && home.url === undefined && home.user === user
  const isPlant = sparkplug !== undefined && sparkplug.url === undefined && sparkplug.user === user
  const prefix = home?.prefix ?? 'homeassistant'
  return {
    firstLevels: [...(isHome ? [prefix] : []), ...(isPlant ? ['spBv1.0'] : [])],
    publish(topic) {
      const place = isPlant ? parseSparkplugTopic(topic) : undefined
      const isOurs = place?.group === sparkplug?.group && place?.node === sparkplug?.node
      return place && isOurs && place.type.endsWith('CMD')
        ? { kind: 'outlet-command', house: '', device: '' }
        : undefined
    },
    listen(topic) {
      if (isHome && (firstLevel(topic) === prefix || isOutTopic(topic))) return true
      if (!isPlant || firstLevel(topic) !== 'spBv1.0') return false
      const [, group = '#', , node = '#'] = topic.split('/')
      const fits = (part: string, own: string | undefined) => part === '#' || part === '+' || part === own
      return fits(group, sparkplug?.group) && fits(node, sparkplug?.node)
    },
  }
}

/** A Sparkplug client speaks for its whole edge node, so what it may do follows from the node's name. */
function sparkplugRights(own: readonly MqttDeviceConfig[]): {
  publish(topic: string): Route | undefined
  /** Topic or filter. */
  listen(topic: string): boolean
} {
  const nodes = new Map<string, Route>()
  for (const { dialect, topic, house, id } of own) {
    const address = dialect === SPARKPLUG ? parseSparkplugAddress(topic) : undefined
    if (address && !nodes.has(nodeKey(address)))
      nodes.set(nodeKey(address), { kind: 'sparkplug', house, device: id })
  }
  return {
    publish(topic) {
      const place = parseSparkplugTopic(topic)
      return place && !place.type.endsWith('CMD') ? nodes.get(nodeKey(place)) : undefined
    },
    listen(topic) {
      if (nodes.size > 0 && topic.startsWith('spBv1.0/STATE/')) return true
      const [root, group, type, node] = topic.split('/')
      const isCommand = root === 'spBv1.0' && (type === 'NCMD' || type === 'DCMD')
      return isCommand && nodes.has(`${group}/${node}`)
    },
  }
}

const firstLevel = (topic: string): string => topic.split('/', 1)[0] ?? ''
