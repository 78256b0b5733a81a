import type { LoadBlock, SoundBlock } from '#domain/block.ts'
import type { DeviceConfig, LinkDefinition } from '#domain/config.ts'
import type { ThermalFrame } from '#domain/frame.ts'
import type { MetricId } from '#domain/metrics.ts'
import type { Picture } from '#domain/picture.ts'
import type { Clock } from '#domain/time.ts'
import type { Command } from '#domain/topics.ts'
import type { Connect, LinkStatus } from '../links/link.ts'
import type { DeviceCounters } from '../reporting/device-counters.ts'

/** Measured values by metric; `t` is UTC ms. */
export type Values = Partial<Record<MetricId, number>>

/** A device of the configuration, and where what it says goes. */
export type LineDevice = {
  config: DeviceConfig
  counters: DeviceCounters
  values(t: number, values: Values): void
  block(block: LoadBlock): void
  sound(block: SoundBlock): void
  thermal(frame: ThermalFrame): void
  picture(picture: Picture): void
}

export type LineOptions = {
  link: LinkDefinition
  devices: readonly LineDevice[]
  connect: Connect
  clock: Clock
  random(): number
  /** Waited before the second try to open the link, if other than usual. */
  firstWaitMs?: number
  /** Everything that came over the line, for a recording. */
  onBytes?(bytes: Uint8Array): void
  onStatus(status: LinkStatus): void
}

/** A link with what hangs on it. */
export type Line = {
  status(): LinkStatus
  /** False when this device has no such output. */
  command(device: LineDevice, output: Command['output'], on: boolean): boolean
  close(): void
}
