import {
  deviceStatusTopic,
  discoveryOf,
  edgeStatusTopic,
  stateTopic,
} from '#domain/home-assistant/discovery.ts'
import { type MetricId, roundFor } from '#domain/metrics.ts'
import type { Reading } from '#domain/reading.ts'
import type { DeviceHealth } from '#domain/topics.ts'
import type { Outlet } from '../outlets/outlet.ts'

/** Everything that the edge measures, as Home Assistant finds it by itself. It only reads. */
export type HomeAssistant = {
  take(reading: Reading): void
  /** Says which devices are there. Call about once a second. */
  tick(health: Readonly<Record<string, DeviceHealth>>): void
  /** Everything again: the broker has forgotten, or begins. */
  sayAll(): void
  close(): void
}

export type HomeAssistantDeps = {
  outlet: Outlet
  prefix: string
  houses: readonly { id: string; name: string }[]
  known: readonly Reading[]
}

type Device = { house: string; device: string; values: Map<MetricId, number>; isOnline: boolean }

export function createHomeAssistant({ outlet, prefix, houses, known }: HomeAssistantDeps): HomeAssistant {
  const devices = new Map<string, Device>()
  const nameOf = new Map(houses.map(({ id, name }) => [id, name]))

  const sayState = ({ house, device }: Device, metric: MetricId, value: number) =>
    outlet.publish(stateTopic(house, device, metric), String(roundFor(metric, value)), true)
  const sayStatus = ({ house, device, isOnline }: Device) =>
    outlet.publish(deviceStatusTopic(house, device), isOnline ? 'online' : 'offline', true)
  const discover = ({ house, device, values }: Device) => {
    const metrics = [...values.keys()].sort()
    const { topic, payload } = discoveryOf(prefix, {
      house,
      houseName: nameOf.get(house) ?? house,
      device,
      metrics,
    })
    outlet.publish(topic, payload, true)
  }
  const learn = ({ series, value }: Reading): { device: Device; isNew: boolean } => {
    const device = devices.get(series.device) ?? {
      ...{ house: series.house, device: series.device },
      ...{ values: new Map<MetricId, number>(), isOnline: false },
    }
    devices.set(series.device, device)
    const isNew = !device.values.has(series.metric)
    device.values.set(series.metric, value)
    return { device, isNew }
  }
  for (const reading of known) learn(reading)

  const sayDevice = (device: Device) => {
    discover(device)
    sayStatus(device)
    for (const [metric, value] of device.values) sayState(device, metric, value)
  }

  return {
    take(reading) {
      const { device, isNew } = learn(reading)
      if (isNew) sayDevice(device)
      else sayState(device, reading.series.metric, reading.value)
    },
    tick(health) {
      for (const device of devices.values()) {
        const own = health[device.device]
        const isOnline = own !== undefined && own.link !== 'closed'
        if (isOnline === device.isOnline) continue
        device.isOnline = isOnline
        sayStatus(device)
      }
    },
    sayAll() {
      outlet.publish(edgeStatusTopic, 'online', true)
      for (const device of devices.values()) sayDevice(device)
    },
    close: () => outlet.publish(edgeStatusTopic, 'offline', true),
  }
}
