import type { Dialect } from './dialect.ts'
import { bodyWith, leavesOf, parseObject, sayLeaves, timeWithZone } from './json-body.ts'

/**
 * ChirpStack v4 in its default JSON: `application/<id>/device/<devEui>/event/up` carries what the device
 * profile's codec made of an uplink in `object`, `…/event/status` its battery. `baseTopic` is everything up to
 * the devEui. `time` is the gateway's or server's; an uplink that comes twice carries it twice, and so is one
 * reading: the edge counts a value of one time once.
 * Source: chirpstack/chirpstack api/proto/integration/integration.proto.
 */
export const chirpstack: Dialect = {
  commonNames: {
    temperature: 'air.temperature',
    humidity: 'air.humidity',
    co2: 'air.co2',
    nh3: 'air.nh3',
    ammonia: 'air.nh3',
    h2s: 'air.h2s',
    illuminance: 'light',
    light: 'light',
    battery: 'device.battery',
    batteryLevel: 'device.battery',
    rssi: 'device.signal',
  },

  filter: (baseTopic) => `${baseTopic}/#`,

  decode(baseTopic, map, topic, payload) {
    const leaf = topic.slice(baseTopic.length + 1)
    if (leaf !== 'event/up' && leaf !== 'event/status') return { kind: 'status' }
    const body = parseObject(payload)
    if (!body) return { kind: 'unreadable', reason: 'not-json' }
    const t = timeWithZone(body.time)
    if (leaf === 'event/status') {
      // A device on mains or without a gauge says so in a field of its own, and a level of 0.
      if (body.externalPowerSource === true || body.batteryLevelUnavailable === true)
        return { kind: 'status' }
      return sayLeaves([{ path: 'batteryLevel', value: body.batteryLevel }], map, this.commonNames, t)
    }
    const rssi = strongest(body.rxInfo)
    const leaves = [
      ...leavesOf(body.object ?? {}),
      ...(rssi === undefined ? [] : [{ path: 'rssi', value: rssi }]),
    ]
    return sayLeaves(leaves, map, this.commonNames, t)
  },

  encode: (baseTopic, name, value) => ({
    topic: `${baseTopic}/event/up`,
    payload: JSON.stringify({ object: bodyWith(name, value) }),
  }),
}

/** Of the gateways that heard it, dBm. */
function strongest(rxInfo: unknown): number | undefined {
  const heard = (Array.isArray(rxInfo) ? rxInfo : []).flatMap((info: unknown) => {
    const rssi = typeof info === 'object' && info !== null && 'rssi' in info ? info.rssi : undefined
    return typeof rssi === 'number' ? [rssi] : []
  })
  return heard.length > 0 ? Math.max(...heard) : undefined
}
