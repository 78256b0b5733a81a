import { chirpstack } from './chirpstack.ts'
import type { Dialect } from './dialect.ts'
import { esphome } from './esphome.ts'
import { json } from './json.ts'
import { tasmota } from './tasmota.ts'
import { zigbee2mqtt } from './zigbee2mqtt.ts'

/** Every MQTT dialect we read. A new one is one file and one line here. */
export const dialects = { esphome, zigbee2mqtt, tasmota, chirpstack, json } as const satisfies Record<
  string,
  Dialect
>
export type DialectId = keyof typeof dialects
