import { createGyMcu90640Framer, encodeGyMcu90640, HEIGHT, WIDTH } from '../framers/gy-mcu90640.ts'
import type { ThermalDefinition } from './definition.ts'

/** MLX90640 thermal array, 32 × 24, on a UART board that sends pictures by itself (1 … 8 a second). */
export const gyMcu90640: ThermalDefinition = {
  kind: 'thermal',
  model: 'gy-mcu90640',
  title: { zh: 'GY-MCU90640 热成像模块', en: 'GY-MCU90640 thermal array' },
  line: { baudRate: 115_200 },
  width: WIDTH,
  height: HEIGHT,
  createFramer: createGyMcu90640Framer,
  encode: encodeGyMcu90640,
  silentAfterMs: 10_000,
}
