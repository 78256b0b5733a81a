import type { Line } from './fault.ts'
import type { SensorRole } from './model/house-model.ts'

/** Every device of a simulated house: the same ids in its history, on its lines and in its configuration. */
export type DeviceRole = SensorRole | 'scale' | 'thermal'
export type DeviceIds = Record<DeviceRole, string>

export function deviceIds(house: string): DeviceIds {
  return {
    air: `${house}-air`,
    nh3: `${house}-nh3`,
    relay: `${house}-relay`,
    scale: `${house}-scale`,
    thermal: `${house}-thermal`,
    meters: `${house}-meters`,
    zigbee: `${house}-zigbee`,
  }
}

/** What hangs on the Modbus bus: address and definition. */
export const busDevices = [
  { role: 'air', unit: 1, model: 'louver-shield' },
  { role: 'nh3', unit: 2, model: 'nh3-x10' },
  { role: 'relay', unit: 3, model: 'relay-8ch' },
] as const

/** Devices that speak MQTT themselves: broker user, topic, and the names they give to what they measure. */
export function mqttDevicesOf(house: string) {
  return {
    meters: {
      user: `${house}-esp`,
      dialect: 'esphome',
      topic: `esphome/${house}-meters`,
      everyMs: 10_000,
      names: {
        water_total: 'water.volume',
        feed_total: 'feed.mass',
        static_pressure: 'air.static-pressure',
        outside_temperature: 'outside.temperature',
        outside_humidity: 'outside.humidity',
        wifi_signal: 'device.signal',
      },
    },
    zigbee: {
      user: `${house}-zigbee`,
      dialect: 'zigbee2mqtt',
      topic: `zigbee2mqtt/${house}-climate`,
      everyMs: 20_000,
      names: { temperature: 'air.temperature', humidity: 'air.humidity', battery: 'device.battery' },
    },
  } as const
}

/** Publishes the history that the farm's old logger would have kept. */
export const LOGGER_USER = 'logger'

export type HousePorts = Record<Line, number>
/** Where a running simulator listens, on 127.0.0.1. */
export type SimulatorPorts = { control: number; houses: Record<string, HousePorts> }
