import type { Dialect } from './dialect.ts'
import { parseObject, sayLeaves, timeWithZone } from './json-body.ts'

/**
 * Zigbee2MQTT: `zigbee2mqtt/<friendly_name>` carries flat JSON, `<…>/availability` carries `{"state":"online"}`
 * (or the bare word in older versions), `/set` and `/get` are commands. `baseTopic` is the whole
 * `zigbee2mqtt/<friendly_name>`. `last_seen`, where the installation sends it, is the device's time
 * (ISO 8601 or epoch ms).
 */
export const zigbee2mqtt: Dialect = {
  commonNames: {
    temperature: 'air.temperature',
    humidity: 'air.humidity',
    co2: 'air.co2',
    illuminance: 'light',
    illuminance_lux: 'light',
    battery: 'device.battery',
  },

  filter: (baseTopic) => `${baseTopic}/#`,

  decode(baseTopic, map, topic, payload) {
    const leaf = topic.slice(baseTopic.length + 1)
    if (leaf === 'availability') {
      const text = new TextDecoder().decode(payload)
      return { kind: 'status', online: /^"?online"?$|"state"\s*:\s*"online"/.test(text) }
    }
    if (leaf !== '') return { kind: 'status' }
    const body = parseObject(payload)
    if (!body) return { kind: 'unreadable', reason: 'not-json' }
    const leaves = Object.entries(body).map(([path, value]) => ({ path, value }))
    return sayLeaves(leaves, map, this.commonNames, timeOf(body.last_seen))
  },

  encode: (baseTopic, name, value) => ({ topic: baseTopic, payload: JSON.stringify({ [name]: value }) }),
}

const timeOf = (lastSeen: unknown): number | undefined =>
  typeof lastSeen === 'number' && Number.isInteger(lastSeen) ? lastSeen : timeWithZone(lastSeen)
