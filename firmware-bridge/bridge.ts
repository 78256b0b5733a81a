import type { DeviceConfig, LinkConfig, LinkDefinition, NodeConfig } from '#domain/config.ts'
import { rejectReason } from '#domain/reading.ts'
import { type Clock, SECOND } from '#domain/time.ts'
import { topicFor } from '#domain/topics.ts'
import type { Catalogue } from './devices/index.ts'
import { createCommandDesk } from './lines/command-desk.ts'
import { createLine } from './lines/create-line.ts'
import type { Line, LineDevice, Values } from './lines/line.ts'
import type { Connect, LinkStatus } from './links/link.ts'
import { createDeviceCounters } from './reporting/device-counters.ts'
import { connectToEdge } from './reporting/edge-connection.ts'
import { createPublisher, type Publisher, type Sender } from './reporting/publisher.ts'
import { createReportFilter } from './reporting/report-filter.ts'

const HEALTH_MS = 5 * SECOND

export type BridgeDeps = {
  /** Read by `readConfig` and without mistakes in `checkDevices`. */
  config: NodeConfig
  catalogue: Catalogue
  token: string
  clock: Clock
  random(): number
  connectLine(via: LinkConfig, clock: Clock): Connect
  /** What came over a link, for a recording. */
  onBytes?(link: string, bytes: Uint8Array): void
  /** One line for the console. */
  log(message: string): void
}

export type Bridge = { close(): Promise<void> }

/** The whole bridge: from the lines' bytes to the edge's topics. */
export function createBridge(deps: BridgeDeps): Bridge {
  const { config, token, log } = deps
  let trouble: string | undefined
  const edge = connectToEdge({
    url: config.bridge.mqttUrl,
    user: config.bridge.user,
    token,
    topics: config.links.flatMap(({ devices }) =>
      devices.map(({ house, id }) => topicFor(house, id, 'command')),
    ),
    onConnected() {
      trouble = undefined
      log(`connected to ${config.bridge.mqttUrl}`)
      sayHealth()
      publisher.resume()
    },
    onTrouble(reason) {
      // Each try to come back ends in the same words: said once.
      if (reason !== trouble) log(`${config.bridge.mqttUrl}: ${reason}`)
      trouble = reason
    },
    onMessage: (topic, payload) => commands.handle(topic, payload),
  })
  const publisher = createPublisher(edge)
  const lines = config.links.map((link) => openLine(deps, link, publisher))
  const commands = createCommandDesk(lines)
  const sayHealth = () => {
    for (const line of lines) line.sayHealth()
  }
  const timer = setInterval(sayHealth, HEALTH_MS)

  return {
    async close() {
      clearInterval(timer)
      for (const { line } of lines) line.close()
      sayHealth()
      await edge.close()
    },
  }
}

type OpenLine = { line: Line; devices: readonly LineDevice[]; sayHealth(): void }

function openLine(deps: BridgeDeps, link: LinkDefinition, publisher: Publisher): OpenLine {
  const { clock, log } = deps
  let status: LinkStatus = { state: 'closed', reopened: 0 }
  const pairs = link.devices.map((device) => createLineDevice(device, clock, publisher))
  const devices = pairs.map(({ device }) => device)
  const sayHealth = () => {
    for (const { device, sender } of pairs)
      publisher.health(sender, device.counters.health(clock.now(), status))
  }
  const line = createLine(deps.catalogue, {
    link,
    devices,
    connect: deps.connectLine(link.via, clock),
    clock,
    random: deps.random,
    ...(deps.onBytes && { onBytes: (bytes: Uint8Array) => deps.onBytes?.(link.id, bytes) }),
    onStatus(next) {
      if (next.state !== status.state && next.state !== 'opening') {
        log(`link ${link.id}: ${next.state}${next.error ? ` (${next.error})` : ''}`)
      }
      status = next
      sayHealth()
    },
  })
  return { line, devices, sayHealth }
}

function createLineDevice(
  config: DeviceConfig,
  clock: Clock,
  publisher: Publisher,
): { device: LineDevice; sender: Sender } {
  const counters = createDeviceCounters()
  const filter = createReportFilter()
  const sender: Sender = { house: config.house, id: config.id, onDropped: counters.trouble }
  const device: LineDevice = {
    config,
    counters,
    values(t, measured) {
      const plausible: Values = {}
      for (const [metric, value] of Object.entries(measured)) {
        if (rejectReason(metric, value, t, clock.now())) {
          counters.trouble('implausible', 1, `${metric} of ${value} cannot be`)
        } else {
          plausible[metric as keyof Values] = value
        }
      }
      const report = filter.pass(t, plausible)
      if (report) publisher.readings(sender, report)
    },
    block: (block) => publisher.block(sender, block),
    picture: (frame) => publisher.picture(sender, frame),
  }
  return { device, sender }
}
