import { type MetricId, metrics } from '../metrics.ts'

/**
 * Home Assistant's MQTT discovery, one message for each device (`<prefix>/device/<id>/config`, Home Assistant
 * 2024.11 and newer). Device classes and their units: home-assistant.io, MQTT discovery, sensor, binary_sensor.
 */
type SensorClass = { class?: string; state?: 'measurement' | 'measurement_angle' | 'total_increasing' }
const measured = (name?: string): SensorClass => ({ ...(name && { class: name }), state: 'measurement' })
const counted = (name: string): SensorClass => ({ class: name, state: 'total_increasing' })

/** What is missing here is a plain number: Home Assistant has no class for ammonia or uniformity. */
const sensorClasses: Readonly<Partial<Record<MetricId, SensorClass>>> = {
  'air.temperature': measured('temperature'),
  'air.humidity': measured('humidity'),
  'air.co2': measured('carbon_dioxide'),
  'air.static-pressure': measured('pressure'),
  'air.speed': measured('speed'),
  'air.pm2-5': measured('pm25'),
  'air.pm10': measured('pm10'),
  'outside.temperature': measured('temperature'),
  'outside.humidity': measured('humidity'),
  'outside.wind-speed': measured('wind_speed'),
  'outside.wind-direction': { class: 'wind_direction', state: 'measurement_angle' },
  light: measured('illuminance'),
  'thermal.max': measured('temperature'),
  'thermal.mean': measured('temperature'),
  'thermal.min': measured('temperature'),
  'bird.weight.mean': measured('weight'),
  'scale.load': measured('weight'),
  'feed.stock': measured('weight'),
  'feed.mass': counted('weight'),
  'water.volume': counted('water'),
  'power.active': measured('power'),
  'power.energy': counted('energy'),
  'power.runtime': measured('duration'),
  'device.battery': measured('battery'),
  'device.signal': measured('signal_strength'),
}
const binaryClasses: Readonly<Partial<Record<MetricId, string>>> = {
  'power.mains': 'power',
  'power.phases': 'power',
  'door.open': 'door',
  'fan.running': 'running',
  'fan.emergency': 'running',
  'feed.auger': 'running',
  'siren.on': 'sound',
  'device.silent': 'problem',
  'device.stuck': 'problem',
}

export const isBinary = (metric: MetricId): boolean => {
  const { aggregate, min, max } = metrics[metric]
  return aggregate === 'last' && min === 0 && max === 1
}

const ROOT = 'flockwise/out'
/** `online` or `offline`: the edge itself. */
export const edgeStatusTopic = `${ROOT}/status`
export const deviceStatusTopic = (house: string, device: string): string =>
  `${ROOT}/${house}/${device}/status`
/** A bare number. */
export const stateTopic = (house: string, device: string, metric: MetricId): string =>
  `${ROOT}/${house}/${device}/${metric}`
export const isOutTopic = (topic: string): boolean => topic === ROOT || topic.startsWith(`${ROOT}/`)

/** Ids of Home Assistant hold letters, digits, `_` and `-` only. */
const plain = (text: string) => text.replace(/[^a-zA-Z0-9_-]/g, '_')

export type DiscoveredDevice = {
  house: string
  houseName: string
  device: string
  metrics: readonly MetricId[]
}

export function discoveryOf(
  prefix: string,
  { house, houseName, device, metrics: measuredHere }: DiscoveredDevice,
): { topic: string; payload: string } {
  const id = plain(`flockwise_${house}_${device}`)
  const components = Object.fromEntries(
    measuredHere.map((metric) => [plain(metric), component(house, device, metric, `${id}_${plain(metric)}`)]),
  )
  const payload = {
    device: {
      identifiers: [id],
      name: `${houseName} ${device}`,
      manufacturer: 'Flockwise',
      suggested_area: houseName,
    },
    origin: { name: 'Flockwise' },
    availability: [{ topic: edgeStatusTopic }, { topic: deviceStatusTopic(house, device) }],
    availability_mode: 'all',
    components,
  }
  return { topic: `${prefix}/device/${id}/config`, payload: JSON.stringify(payload) }
}

function component(house: string, device: string, metric: MetricId, id: string) {
  const common = {
    unique_id: id,
    name: metric.replace(/[.-]/g, ' '),
    state_topic: stateTopic(house, device, metric),
  }
  if (isBinary(metric)) {
    const name = binaryClasses[metric]
    return {
      platform: 'binary_sensor',
      ...common,
      payload_on: '1',
      payload_off: '0',
      ...(name && { device_class: name }),
    }
  }
  const { unit, decimals } = metrics[metric]
  const { class: name, state = 'measurement' } = sensorClasses[metric] ?? {}
  return {
    platform: 'sensor',
    ...common,
    state_class: state,
    suggested_display_precision: decimals,
    ...(unit && { unit_of_measurement: unit }),
    ...(name && { device_class: name }),
  }
}
