import { type Dialect, meaningOf, sayAs } from './dialect.ts'

/**
 * ESPHome over MQTT: `<prefix>/<component>/<object_id>/state` carries a bare string (`23.4`, `nan`),
 * `<prefix>/status` is `online` or `offline`, `<prefix>/debug` is a log. Times are ours: the device sends none.
 * Source: esphome/components/mqtt (domain facts §1e).
 */
export const esphome: Dialect = {
  commonNames: {
    temperature: 'air.temperature',
    air_temperature: 'air.temperature',
    humidity: 'air.humidity',
    co2: 'air.co2',
    ammonia: 'air.nh3',
    illuminance: 'light',
    static_pressure: 'air.static-pressure',
    outside_temperature: 'outside.temperature',
    outside_humidity: 'outside.humidity',
    water_total: 'water.volume',
    feed_total: 'feed.mass',
    feed_stock: 'feed.stock',
    feed_auger: 'feed.auger',
    bird_load: 'scale.load',
    thermal_max: 'thermal.max',
    thermal_mean: 'thermal.mean',
    thermal_min: 'thermal.min',
    wifi_signal: 'device.signal',
    battery_level: 'device.battery',
    mains: 'power.mains',
  },

  filter: (baseTopic) => `${baseTopic}/#`,

  decode(baseTopic, map, topic, payload) {
    const [component, objectId, leaf] = topic.slice(baseTopic.length + 1).split('/')
    const text = new TextDecoder().decode(payload).trim()
    if (component === 'status') return { kind: 'status', online: text === 'online' }
    if (leaf !== 'state' || !objectId) return { kind: 'status' }
    const meaning = meaningOf(objectId, map, this.commonNames)
    if (!meaning) return { kind: 'unreadable', reason: 'unmapped' }
    const value = component === 'binary_sensor' ? onOff(text) : Number(text)
    if (text === '' || value === undefined || !Number.isFinite(value)) {
      return { kind: 'unreadable', reason: 'not-a-number' }
    }
    return { kind: 'values', values: [sayAs(meaning, value)] }
  },

  encode: (baseTopic, name, value) => ({
    topic: `${baseTopic}/sensor/${name}/state`,
    payload: String(value),
  }),
}

function onOff(text: string): number | undefined {
  if (text === 'ON') return 1
  if (text === 'OFF') return 0
  return undefined
}
