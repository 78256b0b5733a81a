import type { Dialect } from './dialect.ts'
import { esphome } from './esphome.ts'
import { zigbee2mqtt } from './zigbee2mqtt.ts'

/** Every MQTT dialect we read. A new one is one file and one line here. */
export const dialects = { esphome, zigbee2mqtt } as const satisfies Record<string, Dialect>
export type DialectId = keyof typeof dialects
