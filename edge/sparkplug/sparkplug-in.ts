import type { MqttDeviceConfig } from '#domain/config.ts'
import { meaningOf, sayAs } from '#domain/dialects/dialect.ts'
import type { MetricId } from '#domain/metrics.ts'
import { rejectReason } from '#domain/reading.ts'
import { sparkplugNames } from '#domain/sparkplug/names.ts'
import {
  follow,
  freshSession,
  type NodeSession,
  rebirthCommand,
  type SparkplugSaid,
} from '#domain/sparkplug/node-session.ts'
import {
  nodeKey,
  parseSparkplugAddress,
  parseSparkplugTopic,
  SPARKPLUG,
  sparkplugTopic,
  stateTopic,
} from '#domain/sparkplug/topic.ts'
import type { Clock } from '#domain/time.ts'
import type { Counters } from '../counters.ts'
import type { Devices } from '../ingest/devices.ts'
import type { Arrived, Reject } from '../ingest/read-message.ts'
import type { SampleTimes } from '../ingest/sample-times.ts'
import type { SeriesTable } from '../series-table.ts'
import { decodeSparkplug, encodeSparkplug } from './payload-codec.ts'

/** The name by which nodes that wait for their host find this edge. */
export const SPARKPLUG_HOST = 'flockwise'

/** A host application of Sparkplug B for the nodes that farm.yaml lists: it follows them, and asks for what it missed. */
export type SparkplugIn = {
  /** A message of a listed node or of one of its devices; its readings are added to `into`. */
  take(
    topic: string,
    payload: Buffer,
    now: number,
    times: SampleTimes,
    into: Arrived,
    rejectOf: RejectOf,
  ): void
  /** A node that waits for its host listens now: it is told that the host is there. */
  subscribed(filter: string): void
}
type RejectOf = (device: MqttDeviceConfig) => Reject

export type SparkplugInDeps = {
  mqttDevices: readonly MqttDeviceConfig[]
  table: SeriesTable
  devices: Devices
  counters: Counters
  clock: Clock
  publish(topic: string, payload: string | Uint8Array): void
}

/** One edge node, and which devices of farm.yaml it and its own devices are; '' is the node itself. */
type Node = { session: NodeSession; members: Map<string, MqttDeviceConfig> }

export function createSparkplugIn(deps: SparkplugInDeps): SparkplugIn {
  const { mqttDevices, table, devices, counters, clock, publish } = deps
  const since = clock.now()
  const nodes = new Map<string, Node>()
  for (const config of mqttDevices) {
    const address = config.dialect === SPARKPLUG ? parseSparkplugAddress(config.topic) : undefined
    if (!address) continue
    const node = nodes.get(nodeKey(address)) ?? { session: freshSession, members: new Map() }
    node.members.set(address.device ?? '', config)
    nodes.set(nodeKey(address), node)
  }

  const read = (
    config: MqttDeviceConfig,
    said: SparkplugSaid,
    now: number,
    times: SampleTimes,
    into: Arrived,
    reject: Reject,
  ) => {
    const meaning = meaningOf(said.name, config.metrics ?? {}, sparkplugNames)
    // A controller says hundreds of things of itself in each birth; only what is named is wanted.
    if (!meaning) return
    if (said.value === undefined) {
      reject('rejected.not-a-number')
      return
    }
    const { metric, value } = sayAs(meaning, said.value)
    const { t, isOurs } =
      said.t === undefined ? { t: now, isOurs: true } : times.timeOf(config.id, { t: said.t })
    const reason = rejectReason(metric, value, t, now)
    if (reason) {
      reject(`rejected.${reason}`)
      return
    }
    const series = table.sensor(config.house, config.id, metric as MetricId)
    const readings = isOurs ? into.ours : into.theirs
    readings.push({
      series,
      t: said.t === undefined ? table.stamp(series, now) : t,
      value,
      quality: 'good',
    })
  }

  return {
    take(topic, bytes, now, times, into, rejectOf) {
      const place = parseSparkplugTopic(topic)
      const node = place && nodes.get(nodeKey(place))
      if (!place || !node) return
      const [anyMember] = node.members.values()
      const spoke = node.members.get(place.device ?? '')
      const payload = decodeSparkplug(bytes)
      if (!payload) {
        const blamed = spoke ?? anyMember
        if (blamed) rejectOf(blamed)('rejected.not-valid')
        return
      }
      const { session, said, online, trouble, askRebirth } = follow(
        node.session,
        place,
        payload,
        clock.monotonic(),
      )
      node.session = session
      const name = `node "${nodeKey(place)}"`
      for (const what of trouble) counters.count(`sparkplug.${what}`, name)
      if (askRebirth) {
        counters.count('sparkplug.rebirth-asked', name)
        const { group, node: id } = place
        publish(sparkplugTopic({ group, type: 'NCMD', node: id }), encodeSparkplug(rebirthCommand(now)))
      }
      for (const { device, is } of online) {
        const member = node.members.get(device)
        if (member) devices.heard(member.id, now, is)
      }
      if (online.length === 0 && spoke) devices.heard(spoke.id, now)
      for (const [device, member] of node.members) {
        const own = said.filter((one) => one.device === device)
        const newest = own.findLast(({ t }) => t !== undefined)?.t
        if (newest !== undefined) times.arrived(member.id, { t: newest })
        for (const one of own) read(member, one, now, times, into, rejectOf(member))
      }
    },
    subscribed(filter) {
      const topic = stateTopic(SPARKPLUG_HOST)
      if (nodes.size === 0 || !isStateFilter(filter)) return
      // The broker keeps no retained messages: who listens is told at once, which is the same to it.
      publish(topic, JSON.stringify({ online: true, timestamp: since }))
    },
  }
}

export const isStateFilter = (filter: string): boolean =>
  [stateTopic(SPARKPLUG_HOST), stateTopic('+'), stateTopic('#')].includes(filter)
