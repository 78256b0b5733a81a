import type { LinkConfig } from '#domain/config.ts'
import type { Clock } from '#domain/time.ts'
import type { Connect } from './link.ts'
import { connectReplay } from './replay.ts'
import { connectSerial } from './serial.ts'
import { connectTcp } from './tcp.ts'

/** The way to a line, as the configuration has it. */
export function connectLine(via: LinkConfig, clock: Clock): Connect {
  if (via.type === 'serial') return connectSerial(via)
  if (via.type === 'tcp' || via.type === 'modbus-tcp' || via.type === 'nut') return connectTcp(via)
  return connectReplay(via, clock)
}
