import { describe, expect, it } from 'vitest'
import { isMetric } from '../metrics.ts'
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
    ]) {
      const result = dialect.decode(BASE, {}, BASE + leaf, bytes(payload))
      for (const { value } of result.kind === 'values' ? result.values : [])
        expect(Number.isFinite(value)).toBe(true)
    }
  })
})

const decode = (id: DialectId, leaf: string, payload: string, map: Record<string, string> = {}) =>
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

it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'a device that calls a value "%s" names no metric',
  (name) => {
    expect(decode('esphome', `/sensor/${name}/state`, '5')).toEqual({
      kind: 'unreadable',
      reason: 'unmapped',
    })
    expect(decode('zigbee2mqtt', '', `{"${name}": 5}`)).toEqual({ kind: 'unreadable', reason: 'unmapped' })
  },
)
