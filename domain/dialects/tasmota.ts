import type { Dialect } from './dialect.ts'
import { bodyWith, leavesOf, parseObject, sayLeaves, timeWithZone } from './json-body.ts'

/**
 * Tasmota with `FullTopic %topic%/%prefix%/`, so that everything of a device is under its own name:
 * `<topic>/tele/SENSOR` carries `{"Time":"…","AM2301":{"Temperature":20.6},"TempUnit":"C"}`, `<topic>/tele/STATE`
 * what it says of itself, `<topic>/tele/LWT` `Online` or `Offline`; `stat` repeats what it was told.
 * `Time` is local and without a zone unless somebody changed that: then a value counts as measured when it
 * arrives.
 * Source: tasmota/docs MQTT.md.
 */
export const tasmota: Dialect = {
  commonNames: {
    Temperature: 'air.temperature',
    Humidity: 'air.humidity',
    CarbonDioxide: 'air.co2',
    Illuminance: 'light',
    'PMS5003.PM2.5': 'air.pm2-5',
    'ENERGY.Power': 'power.active',
    'ENERGY.Total': 'power.energy',
    'Wifi.Signal': 'device.signal',
  },

  filter: (baseTopic) => `${baseTopic}/#`,

  decode(baseTopic, map, topic, payload) {
    const leaf = topic.slice(baseTopic.length + 1).replace(/^tele\//, '')
    if (leaf === 'LWT') return { kind: 'status', online: new TextDecoder().decode(payload) === 'Online' }
    if (leaf !== 'SENSOR' && leaf !== 'STATE') return { kind: 'status' }
    const body = parseObject(payload)
    if (!body) return { kind: 'unreadable', reason: 'not-json' }
    const isFahrenheit = body.TempUnit === 'F'
    const leaves = leavesOf(body).map(({ path, value }) =>
      isFahrenheit && typeof value === 'number' && /(^|\.)Temperature$/.test(path)
        ? { path, value: (value - 32) / 1.8 }
        : { path, value },
    )
    const said = sayLeaves(leaves, map, this.commonNames, timeWithZone(body.Time))
    // Its state comes every five minutes whether or not anybody named a part of it.
    const isNews = leaf === 'SENSOR' || said.kind !== 'unreadable' || said.reason !== 'unmapped'
    return isNews ? said : { kind: 'status' }
  },

  encode: (baseTopic, name, value) => ({
    topic: `${baseTopic}/tele/SENSOR`,
    payload: JSON.stringify(bodyWith(name, value)),
  }),
}
