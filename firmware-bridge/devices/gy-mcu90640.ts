import type { DeviceConfig } from '#domain/config.ts'
import { createGyMcu90640Framer, encodeGyMcu90640, HEIGHT, WIDTH } from '../framers/gy-mcu90640.ts'
import type { ThermalDefinition } from './definition.ts'
import { asConfigured } from './surface-of.ts'

/** MLX90640 thermal array, 32 × 24, on a UART board that sends pictures by itself (1 … 8 a second). */
export const gyMcu90640: ThermalDefinition = {
  kind: 'thermal',
  model: 'gy-mcu90640',
  title: { zh: 'GY-MCU90640 热成像模块', en: 'GY-MCU90640 thermal array' },
  line: { baudRate: 115_200 },
  width: WIDTH,
  height: HEIGHT,
  workedOut: 'in the camera',
  measuresAmbient: true,
  createFramer: createGyMcu90640Framer,
  encode: encodeGyMcu90640,
  // The board leaves the factory with an emissivity of 0.95.
  configured: (config: DeviceConfig) => asConfigured(gyMcu90640, config, 0.95),
  silentAfterMs: 10_000,
}
