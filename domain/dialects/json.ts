import type { Dialect } from './dialect.ts'
import { bodyWith, leavesOf, parseJson, sayLeaves, timeWithZone } from './json-body.ts'

/**
 * Anything that publishes JSON, read by the installer's map. A name is the path to a value, `sensors.0.temp`;
 * below the base topic, the rest of the topic comes before it, `probe/temp`, and stands alone where the whole
 * payload is a number. `time`, `timestamp` or `ts` beside the values is their time: ISO 8601 with a zone, or
 * seconds or milliseconds since 1970.
 */
export const json: Dialect = {
  commonNames: {
    temperature: 'air.temperature',
    humidity: 'air.humidity',
    co2: 'air.co2',
    nh3: 'air.nh3',
    light: 'light',
    battery: 'device.battery',
  },

  filter: (baseTopic) => `${baseTopic}/#`,

  decode(baseTopic, map, topic, payload) {
    const body = parseJson(payload)
    if (body === undefined) return { kind: 'unreadable', reason: 'not-json' }
    const below = topic.slice(baseTopic.length + 1)
    const leaves = leavesOf(body)
    const named = leaves.map(({ path, value }) => ({ path: [below, path].filter(Boolean).join('/'), value }))
    const time = leaves.find(({ path }) => path === 'time' || path === 'timestamp' || path === 'ts')
    return sayLeaves(named, map, this.commonNames, timeOf(time?.value))
  },

  encode: (baseTopic, name, value) => ({
    topic: baseTopic,
    payload: JSON.stringify(bodyWith(name, value)),
  }),
}

/** Seconds and milliseconds since 1970 are 1000 apart: no farm measured anything before 2001. */
const FIRST_MS = 1e12

function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value) && value > 1e9)
    return Math.round(value < FIRST_MS ? value * 1000 : value)
  return timeWithZone(value)
}
