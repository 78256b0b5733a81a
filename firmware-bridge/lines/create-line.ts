import type { DeviceConfig, LinkDefinition } from '#domain/config.ts'
import { type ModbusDefinition, mediaOf, type StreamDefinition } from '../devices/definition.ts'
import type { Catalogue } from '../devices/index.ts'
import type { Ask } from '../links/ask.ts'
import type { Line, LineOptions } from './line.ts'
import { createModbusLine } from './modbus-line.ts'
import { createStreamLine } from './stream-line.ts'
import { createUpsLine } from './ups-line.ts'

/** The line that the models on it ask for. */
export function createLine(catalogue: Catalogue, options: LineOptions): Line {
  const definitions = options.devices.map(({ config }) => catalogue.find(config.model))
  const [device] = options.devices
  const [first] = definitions
  if (device && first && first.kind !== 'modbus') {
    if (first.kind === 'ups') return createUpsLine(options, device, first)
    return createStreamLine(options, device, configured(first, device.config, options.link))
  }
  const onBus = definitions.filter(
    (definition): definition is ModbusDefinition => definition?.kind === 'modbus',
  )
  return createModbusLine(options, onBus)
}

/** What a camera or microphone is asked for; undefined for what speaks by itself. */
export function askFor(catalogue: Catalogue, { devices: [device] }: LinkDefinition): Ask | undefined {
  const definition = device && catalogue.find(device.model)
  return definition && mediaOf(definition)?.ask(device)
}

function configured(
  definition: StreamDefinition,
  config: DeviceConfig,
  { via }: LinkDefinition,
): StreamDefinition {
  if (definition.kind === 'sound') return definition
  return definition.configured?.(config, via) ?? definition
}
