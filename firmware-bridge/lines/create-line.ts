import type { DeviceConfig } from '#domain/config.ts'
import type { ModbusDefinition, StreamDefinition } from '../devices/definition.ts'
import type { Catalogue } from '../devices/index.ts'
import type { Line, LineOptions } from './line.ts'
import { createModbusLine } from './modbus-line.ts'
import { createStreamLine } from './stream-line.ts'
import { createUpsLine } from './ups-line.ts'

/** The line that the models on it ask for. */
export function createLine(catalogue: Catalogue, options: LineOptions): Line {
  const definitions = options.devices.map(({ config }) => catalogue.find(config.model))
  const [device] = options.devices
  const [first] = definitions
  if (device && first?.kind === 'ups') return createUpsLine(options, device, first)
  if (device && (first?.kind === 'load' || first?.kind === 'thermal'))
    return createStreamLine(options, device, configured(first, device.config))
  const onBus = definitions.filter(
    (definition): definition is ModbusDefinition => definition?.kind === 'modbus',
  )
  return createModbusLine(options, onBus)
}

function configured(definition: StreamDefinition, config: DeviceConfig): StreamDefinition {
  return definition.configured?.(config) ?? definition
}
