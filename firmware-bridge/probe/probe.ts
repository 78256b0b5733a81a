import type { LinkConfig } from '#domain/config.ts'
import type { UrlLink } from '#domain/link-config.ts'
import type { Clock } from '#domain/time.ts'
import { createTcpWire, rtuWire } from '../bus/modbus-wire.ts'
import type { ModbusDefinition, SerialDefinition } from '../devices/definition.ts'
import type { Catalogue } from '../devices/index.ts'
import { readAddress } from '../links/address.ts'
import { readStreams, type StreamsThere } from '../links/ffprobe.ts'
import type { Connect } from '../links/link.ts'
import { listen, type StreamMatch } from './listen.ts'
import { scanBus, type Unit } from './scan-bus.ts'

/** What hangs on a line, and how the line must be opened for it. */
export type Probed =
  | { kind: 'stream'; via: LinkConfig; matches: StreamMatch[] }
  | { kind: 'bus'; via: LinkConfig; units: Unit[] }
  /** `via` names no password: that belongs into a file of its own. */
  | { kind: 'camera'; via: UrlLink; there: StreamsThere; needsPassword: boolean }
  /** Bytes came, and nobody knows them; nothing came and nobody answered; it could not be opened. */
  | { kind: 'unknown' | 'silent' | 'closed'; via: LinkConfig; reason: string }

export type ProbeOptions = {
  catalogue: Catalogue
  clock: Clock
  connectLine(via: LinkConfig, clock: Clock): Connect
  /** Modbus addresses to try. */
  units: readonly number[]
  listenMs?: number
  /** What is being tried, for who waits. */
  say(text: string): void
}

/** A slow scale sends every second, and a framer believes only the second frame. */
const LISTEN_MS = 2500
const busSpeeds = [9600, 4800, 19_200, 115_200, 2400]

/** Listens at each speed a device may have; where nobody speaks, asks. `via` says which port, its speed is tried out. */
export async function probeLine(via: LinkConfig, options: ProbeOptions): Promise<Probed> {
  const { catalogue, clock, connectLine, listenMs = LISTEN_MS, say } = options
  const streams = catalogue.devices.filter(
    (device): device is SerialDefinition =>
      device.kind === 'load' || (device.kind === 'thermal' && device.line !== undefined),
  )
  let bytes = 0
  if (via.type !== 'modbus-tcp') {
    for (const at of withSpeeds(via, speedsOf(streams))) {
      say(`listening${speedText(at)}`)
      const heard = await listen(connectLine(at, clock), streams, listenMs)
      bytes += heard.bytes
      if (heard.matches.length > 0) return { kind: 'stream', via: at, matches: heard.matches }
      if (heard.trouble !== undefined && heard.bytes === 0)
        return { kind: 'closed', via: at, reason: heard.trouble }
      // A line that is quiet at one speed is quiet at all of them.
      if (heard.bytes === 0) break
    }
    if (bytes > 0)
      return { kind: 'unknown', via, reason: `${bytes} bytes came, and no model reads them at any speed` }
  }
  const definitions = catalogue.devices.filter(
    (device): device is ModbusDefinition => device.kind === 'modbus',
  )
  for (const at of withSpeeds(via, busSpeeds)) {
    say(`asking Modbus addresses${speedText(at)}`)
    const wire = at.type === 'modbus-tcp' ? createTcpWire() : rtuWire
    const scan = await scanBus({
      connect: connectLine(at, clock),
      wire,
      clock,
      definitions,
      units: options.units,
    })
    if (scan.units.length > 0) return { kind: 'bus', via: at, units: scan.units }
    if (scan.trouble !== undefined) return { kind: 'closed', via: at, reason: scan.trouble }
  }
  return { kind: 'silent', via, reason: 'nothing came, and no Modbus address answered' }
}

/** Asks an address on the network what it gives: which picture, which sound. */
export async function probeCamera(given: UrlLink): Promise<Probed> {
  const address = readAddress(given)
  const via: UrlLink = {
    type: given.type,
    url: address.url.href,
    ...(address.user !== undefined && { user: address.user }),
  }
  try {
    const there = await readStreams(address)
    return {
      kind: 'camera',
      via: { ...via, type: there.as },
      there,
      needsPassword: address.user !== undefined,
    }
  } catch (error) {
    return { kind: 'closed', via, reason: error instanceof Error ? error.message : String(error) }
  }
}

/** The factory speeds first, the most common one at their head. */
function speedsOf(streams: readonly SerialDefinition[]): number[] {
  return [...new Set([9600, ...streams.map(({ line }) => line.baudRate), 4800, 1200, 19_200, 460_800])]
}

const withSpeeds = (via: LinkConfig, speeds: readonly number[]): LinkConfig[] =>
  via.type === 'serial' ? speeds.map((baudRate) => ({ ...via, baudRate })) : [via]

const speedText = (via: LinkConfig): string => (via.type === 'serial' ? ` at ${via.baudRate} baud` : '')
