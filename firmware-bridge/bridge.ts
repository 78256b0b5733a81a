import type { DeviceConfig, LinkConfig, LinkDefinition, NodeConfig } from '#domain/config.ts'
import { EARLIEST, rejectReason } from '#domain/reading.ts'
import { type BootClock, type Clock, SECOND } from '#domain/time.ts'
import { topicFor } from '#domain/topics.ts'
import type { Catalogue } from './devices/index.ts'
import { createCommandDesk } from './lines/command-desk.ts'
import { askFor, createLine } from './lines/create-line.ts'
import type { Line, LineDevice, Values } from './lines/line.ts'
import type { Ask } from './links/ask.ts'
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
  clock: BootClock
  random(): number
  connectLine(via: LinkConfig, clock: Clock, ask?: Ask): Connect
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
    connect: deps.connectLine(link.via, clock, askFor(deps.catalogue, link)),
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
  clock: BootClock,
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
        // Of the value alone: when it was is for the edge to judge, as this clock may never have been set.
        if (rejectReason(metric, value, EARLIEST, EARLIEST)) {
          counters.trouble('implausible', 1, `${metric} of ${value} cannot be`)
        } else {
          plausible[metric as keyof Values] = value
        }
      }
      // Durations, and which of two came first, go by the clock that nobody can set.
      const mono = Math.round(clock.monotonic() - (clock.now() - t))
      const report = filter.pass(mono, plausible)
      if (!report) return
      const { t: at, values } = report
      publisher.readings(sender, { t: t + at - mono, boot: clock.boot, mono: at, values })
    },
    block: (block) => publisher.block(sender, block),
    sound: (block) => publisher.sound(sender, block),
    thermal: (frame) => publisher.thermal(sender, frame),
    picture: (picture) => publisher.picture(sender, picture),
  }
  return { device, sender }
}
