import { type Dialect, metricNamed, type Said } from './dialect.ts'

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
    const text = new TextDecoder().decode(payload)
    const leaf = topic.slice(baseTopic.length + 1)
    if (leaf === 'availability')
      return { kind: 'status', online: /^"?online"?$|"state"\s*:\s*"online"/.test(text) }
    if (leaf !== '') return { kind: 'status' }
    const body = parseObject(text)
    if (!body) return { kind: 'unreadable', reason: 'not-json' }
    const t = timeOf(body.last_seen)
    const values: Said[] = []
    let unreadable = false
    for (const [name, value] of Object.entries(body)) {
      const metric = metricNamed(name, map, this.commonNames)
      if (!metric) continue
      if (typeof value === 'number' && Number.isFinite(value))
        values.push({ metric, value, ...(t !== undefined && { t }) })
      else unreadable = true
    }
    if (values.length > 0) return { kind: 'values', values }
    return { kind: 'unreadable', reason: unreadable ? 'not-a-number' : 'unmapped' }
  },

  encode: (baseTopic, name, value) => ({ topic: baseTopic, payload: JSON.stringify({ [name]: value }) }),
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : undefined
  } catch {
    return undefined
  }
}

function timeOf(lastSeen: unknown): number | undefined {
  if (typeof lastSeen === 'number' && Number.isInteger(lastSeen)) return lastSeen
  if (typeof lastSeen !== 'string') return undefined
  // A date without a zone is local to an unknown clock: better no time than a wrong one.
  if (!/(Z|[+-]\d\d:?\d\d)$/.test(lastSeen)) return undefined
  const t = Date.parse(lastSeen)
  return Number.isNaN(t) ? undefined : t
}
