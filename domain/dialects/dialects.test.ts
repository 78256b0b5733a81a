import { describe, expect, it } from 'vitest'
import { isMetric } from '../metrics.ts'
import type { NameMap } from './dialect.ts'
import { type DialectId, dialects } from './index.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const BASE = 'barn/sensor-1'

describe.each(Object.entries(dialects))('%s', (_, dialect) => {
  it('knows only metrics that there are', () => {
    expect(Object.values(dialect.commonNames).filter((metric) => !isMetric(metric))).toEqual([])
  })

  it('listens to everything under its device', () => {
    expect(dialect.filter(BASE)).toBe(`${BASE}/#`)
  })

  it.each(Object.entries(dialect.commonNames).filter(([, metric]) => metric !== 'power.mains'))(
    'reads what it writes: %s is %s',
    (name, metric) => {
      for (const value of [0, -3.5, 21.25, 20_000]) {
        const { topic, payload } = dialect.encode(BASE, name, value)
        expect(dialect.decode(BASE, {}, topic, bytes(payload))).toEqual({
          kind: 'values',
          values: [{ metric, value }],
        })
      }
    },
  )

  it('lets a map name what is not common, and overrule what is', () => {
    for (const name of ['probe_7', 'temperature']) {
      const { topic, payload } = dialect.encode(BASE, name, 7)
      expect(dialect.decode(BASE, { [name]: 'outside.temperature' }, topic, bytes(payload))).toEqual({
        kind: 'values',
        values: [{ metric: 'outside.temperature', value: 7 }],
      })
    }
  })

  it('says that a name is in no map', () => {
    const { topic, payload } = dialect.encode(BASE, 'linkquality', 120)
    expect(dialect.decode(BASE, {}, topic, bytes(payload))).toEqual({
      kind: 'unreadable',
      reason: 'unmapped',
    })
  })

  it.each([
    '',
    '\0',
    '{',
    '[]',
    'null',
    '"',
    '\ud800',
    '[1,2]',
    '{"temperature":{}}',
    '9'.repeat(400),
    'constructor',
  ])('takes %j anywhere without a throw and without a value that is none', (payload) => {
    for (const leaf of [
      '',
      '/',
      '/a',
      '/sensor/temperature/state',
      '/sensor/__proto__/state',
      '/availability',
      '/status',
      '/tele/SENSOR',
      '/event/up',
    ]) {
      const result = dialect.decode(BASE, {}, BASE + leaf, bytes(payload))
      for (const { value } of result.kind === 'values' ? result.values : [])
        expect(Number.isFinite(value)).toBe(true)
    }
  })
})

const decode = (id: DialectId, leaf: string, payload: string, map: NameMap = {}) =>
  dialects[id].decode(BASE, map, `${BASE}${leaf}`, bytes(payload))

describe('esphome', () => {
  it.each([
    ['23.4', 23.4],
    [' 23.40\n', 23.4],
    ['-0.5', -0.5],
    ['1e3', 1000],
  ])('reads the bare string %j', (payload, value) => {
    expect(decode('esphome', '/sensor/temperature/state', payload)).toEqual({
      kind: 'values',
      values: [{ metric: 'air.temperature', value }],
    })
  })

  it.each(['nan', 'NaN', 'inf', '-inf', '', '23,4', '23.4 °C', 'unknown'])(
    '%j is not a number',
    (payload) => {
      expect(decode('esphome', '/sensor/temperature/state', payload)).toEqual({
        kind: 'unreadable',
        reason: 'not-a-number',
      })
    },
  )

  it.each([
    ['ON', 1],
    ['OFF', 0],
  ])('a binary sensor that is %s is %d', (payload, value) => {
    expect(decode('esphome', '/binary_sensor/mains/state', payload)).toEqual({
      kind: 'values',
      values: [{ metric: 'power.mains', value }],
    })
  })

  it('a binary sensor says nothing else', () => {
    expect(decode('esphome', '/binary_sensor/mains/state', '1')).toEqual({
      kind: 'unreadable',
      reason: 'not-a-number',
    })
  })

  it.each([
    ['/status', 'online', { kind: 'status', online: true }],
    ['/status', 'offline', { kind: 'status', online: false }],
    ['/debug', '[I][wifi] connected', { kind: 'status' }],
    ['/switch/fan/command', 'ON', { kind: 'status' }],
  ])('%s %j is no measurement', (leaf, payload, result) => {
    expect(decode('esphome', leaf, payload)).toEqual(result)
  })
})

describe('zigbee2mqtt', () => {
  const body = {
    temperature: 23.1,
    humidity: 55,
    pressure: 1013,
    battery: 90,
    voltage: 3000,
    linkquality: 120,
  }
  const read = (value: object) => decode('zigbee2mqtt', '', JSON.stringify(value))

  it('takes from the flat JSON what has a metric', () => {
    expect(read(body)).toEqual({
      kind: 'values',
      values: [
        { metric: 'air.temperature', value: 23.1 },
        { metric: 'air.humidity', value: 55 },
        { metric: 'device.battery', value: 90 },
      ],
    })
  })

  it.each([
    ['2026-05-01T08:00:00.000Z', Date.UTC(2026, 4, 1, 8)],
    ['2026-05-01T16:00:00+08:00', Date.UTC(2026, 4, 1, 8)],
    ['2026-05-01T16:00:00+0800', Date.UTC(2026, 4, 1, 8)],
    [Date.UTC(2026, 4, 1, 8), Date.UTC(2026, 4, 1, 8)],
  ])('last_seen %j is the time of the values', (last_seen, t) => {
    expect(read({ temperature: 20, last_seen })).toEqual({
      kind: 'values',
      values: [{ metric: 'air.temperature', value: 20, t }],
    })
  })

  it.each(['2026-05-01T16:00:00', '2026-05-01', 'yesterday', 'not a date Z', null, true, 1.5])(
    'last_seen %j has no zone or is no time: none is better than a wrong one',
    (last_seen) => {
      expect(read({ temperature: 20, last_seen })).toEqual({
        kind: 'values',
        values: [{ metric: 'air.temperature', value: 20 }],
      })
    },
  )

  it.each(['{', 'online', '[{"temperature":1}]', '"23.4"', '23.4', 'null', ''])(
    '%j is not a JSON object',
    (payload) => {
      expect(decode('zigbee2mqtt', '', payload)).toEqual({ kind: 'unreadable', reason: 'not-json' })
    },
  )

  it('says it when a known name carries no number', () => {
    expect(read({ temperature: '23.1' })).toEqual({ kind: 'unreadable', reason: 'not-a-number' })
    expect(read({ temperature: null })).toEqual({ kind: 'unreadable', reason: 'not-a-number' })
    expect(read({ temperature: null, humidity: 50 })).toEqual({
      kind: 'values',
      values: [{ metric: 'air.humidity', value: 50 }],
    })
  })

  it.each([
    ['{"state":"online"}', true],
    ['{"state": "offline"}', false],
    ['online', true],
    ['"online"', true],
    ['offline', false],
  ])('availability %s', (payload, online) => {
    expect(decode('zigbee2mqtt', '/availability', payload)).toEqual({ kind: 'status', online })
  })

  it.each(['/set', '/get'])('%s is no measurement', (leaf) => {
    expect(decode('zigbee2mqtt', leaf, '{"temperature":20}')).toEqual({ kind: 'status' })
  })
})

const measured = (metric: string, value: number, t?: number) => ({
  metric,
  value,
  ...(t !== undefined && { t }),
})
const values = (...said: ReturnType<typeof measured>[]) => ({ kind: 'values', values: said })
const T = Date.UTC(2026, 4, 1, 8)

describe('tasmota', () => {
  const read = (body: object, map = {}, leaf = '/tele/SENSOR') =>
    decode('tasmota', leaf, JSON.stringify(body), map)

  it('reads its own example, and takes no local time for a time', () => {
    const body = { Time: '2026-05-01T16:00:00', DS18B20: { Id: '0114', Temperature: 20.6 }, TempUnit: 'C' }
    expect(read(body)).toEqual(values(measured('air.temperature', 20.6)))
    expect(read({ ...body, Time: '2026-05-01T16:00:00+08:00' })).toEqual(
      values(measured('air.temperature', 20.6, T)),
    )
  })

  it('leaves it to the map which of two sensors is which', () => {
    const body = {
      'DS18B20-1': { Temperature: 20 },
      'DS18B20-2': { Temperature: 5 },
      AM2301: { Humidity: 60 },
    }
    expect(read(body)).toEqual(values(measured('air.humidity', 60)))
    const map = { 'DS18B20-1.Temperature': 'air.temperature', 'DS18B20-2.Temperature': 'outside.temperature' }
    expect(read(body, map)).toEqual(
      values(
        measured('air.temperature', 20),
        measured('outside.temperature', 5),
        measured('air.humidity', 60),
      ),
    )
  })

  it('turns Fahrenheit and pulses into our units', () => {
    expect(read({ BME280: { Temperature: 68 }, TempUnit: 'F' })).toEqual(
      values(measured('air.temperature', 20)),
    )
    expect(read({ COUNTER: { C1: 123 } }, { 'COUNTER.C1': { metric: 'water.volume', scale: 10 } })).toEqual(
      values(measured('water.volume', 1230)),
    )
  })

  it('reads a switch where it is named, and its state without a complaint', () => {
    const state = { Time: '2026-05-01T16:00:00', POWER: 'ON', Heap: 24 }
    expect(read(state, { POWER: 'fan.running' }, '/tele/STATE')).toEqual(values(measured('fan.running', 1)))
    expect(read(state, {}, '/tele/STATE')).toEqual({ kind: 'status' })
    expect(read({ ...state, Wifi: { RSSI: 80, Signal: -60 } }, {}, '/tele/STATE')).toEqual(
      values(measured('device.signal', -60)),
    )
  })

  it('a probe that is off is no number', () => {
    expect(read({ DS18B20: { Temperature: null } })).toEqual({ kind: 'unreadable', reason: 'not-a-number' })
  })

  it.each([
    ['/tele/LWT', 'Online', { kind: 'status', online: true }],
    ['/tele/LWT', 'Offline', { kind: 'status', online: false }],
    ['/stat/RESULT', '{"POWER":"ON"}', { kind: 'status' }],
    ['/cmnd/POWER', 'ON', { kind: 'status' }],
  ])('%s %s is no measurement', (leaf, payload, result) => {
    expect(decode('tasmota', leaf, payload)).toEqual(result)
  })
})

describe('chirpstack', () => {
  const up = {
    deduplicationId: '3ac7e3c4-4401-4b8d-9386-a5c902f9202d',
    time: '2026-05-01T08:00:00.123456789+00:00',
    deviceInfo: { deviceName: 'litter', devEui: '0101010101010101' },
    fCnt: 7,
    fPort: 2,
    data: 'AQI=',
    object: { temperature: 23.5, air: { humidity: 61 } },
    rxInfo: [{ rssi: -110 }, { rssi: -97 }],
  }
  const read = (body: object, leaf = '/event/up') => decode('chirpstack', leaf, JSON.stringify(body))

  it('reads what the codec made of an uplink, at its own time', () => {
    expect(read(up)).toEqual(
      values(
        measured('air.temperature', 23.5, T + 123),
        measured('air.humidity', 61, T + 123),
        measured('device.signal', -97, T + 123),
      ),
    )
  })

  it('says the same of an uplink that comes twice, time included', () => {
    expect(read(up)).toEqual(read({ ...up, rxInfo: [...up.rxInfo].reverse() }))
  })

  it('says nothing of an uplink that no codec has read', () => {
    expect(read({ ...up, object: undefined, rxInfo: [] })).toEqual({ kind: 'unreadable', reason: 'unmapped' })
  })

  it('reads the battery, unless there is none', () => {
    const status = { time: up.time, margin: 10, batteryLevel: 95.3, externalPowerSource: false }
    expect(read(status, '/event/status')).toEqual(values(measured('device.battery', 95.3, T + 123)))
    for (const field of ['externalPowerSource', 'batteryLevelUnavailable'])
      expect(read({ ...status, batteryLevel: 0, [field]: true }, '/event/status')).toEqual({ kind: 'status' })
  })

  it.each(['/event/join', '/event/ack', '/event/txack', '/event/log', '/command/down'])(
    '%s is no measurement',
    (leaf) => {
      expect(read(up, leaf)).toEqual({ kind: 'status' })
    },
  )
})

describe('json', () => {
  it('finds values by their path, with the unit turned into ours', () => {
    const map = {
      'sensors.1.t': 'outside.temperature',
      'water.m3': { metric: 'water.volume', scale: 1000 },
      'probe/f': { metric: 'air.temperature', scale: 5 / 9, offset: -160 / 9 },
      tank: 'feed.stock',
    }
    const body = { sensors: [{ t: 20 }, { t: 5 }], water: { m3: 12.5 } }
    expect(decode('json', '', JSON.stringify(body), map)).toEqual(
      values(measured('outside.temperature', 5), measured('water.volume', 12_500)),
    )
    const [said] = (decode('json', '/probe', '{"f":68}', map) as { values: { value: number }[] }).values
    expect(said?.value).toBeCloseTo(20, 9)
    expect(decode('json', '/tank', '812.5', map)).toEqual(values(measured('feed.stock', 812.5)))
  })

  it.each([
    [{ time: '2026-05-01T16:00:00+08:00' }, T],
    [{ timestamp: T }, T],
    [{ ts: T / 1000 }, T],
    [{ time: '2026-05-01T16:00:00' }, undefined],
    [{ ts: 12 }, undefined],
    [{ time: null }, undefined],
  ])('%j is the time of the values', (time, t) => {
    expect(decode('json', '', JSON.stringify({ ...time, temperature: 20 }))).toEqual(
      values(measured('air.temperature', 20, t)),
    )
  })

  it('ends in bounded time with a body as deep or wide as a message can be', () => {
    const deep = `${'['.repeat(100_000)}1${']'.repeat(100_000)}`
    const wide = JSON.stringify(Array.from({ length: 200_000 }, () => 1))
    for (const payload of [deep, wide]) expect(decode('json', '', payload).kind).toBe('unreadable')
  })
})

it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'a device that calls a value "%s" names no metric',
  (name) => {
    expect(decode('esphome', `/sensor/${name}/state`, '5')).toEqual({
      kind: 'unreadable',
      reason: 'unmapped',
    })
    for (const [id, leaf] of [
      ['zigbee2mqtt', ''],
      ['json', ''],
      ['tasmota', '/tele/SENSOR'],
    ] as const)
      expect(decode(id, leaf, `{"${name}": 5}`)).toEqual({ kind: 'unreadable', reason: 'unmapped' })
  },
)
