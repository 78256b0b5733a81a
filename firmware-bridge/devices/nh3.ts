import type { ModbusDefinition } from './definition.ts'
import { modbusDevice, uint16 } from './fields.ts'

/** Ammonia sensor, FC03, 0x0000 ppm. Vendors differ in the scale, so it is part of the model's name. */
const nh3 = (model: string, perUnit: number, scale: string): ModbusDefinition =>
  modbusDevice({
    model,
    title: { zh: `氨气传感器（${scale}）`, en: `Ammonia sensor (${scale})` },
    line: { baudRate: 9600 },
    fields: [uint16('nh3', { metric: 'air.nh3', address: 0, perUnit })],
  })

export const nh3x1 = nh3('nh3-x1', 1, '× 1')
export const nh3x10 = nh3('nh3-x10', 10, '× 10')
