import { describe, expect, it } from 'vitest'
import { describeMistakes, type NodeConfig, readConfig } from './config.ts'

const good: NodeConfig = {
  houses: [{ id: 'h1', name: 'House 1', timeZone: 'Asia/Shanghai' }],
  cloud: { url: 'https://cloud.example' },
  edge: {
    dataDir: '/var/lib/flockwise',
    mqtt: { host: '0.0.0.0', port: 1883 },
    http: { host: '0.0.0.0', port: 8081 },
  },
  bridge: { mqttUrl: 'mqtt://127.0.0.1:1883', user: 'bridge', tokenFile: '/etc/flockwise/bridge.token' },
  users: [
    { id: 'bridge', tokenSha256: 'a'.repeat(64), bridge: true },
    { id: 'esp-1', tokenSha256: 'b'.repeat(64) },
  ],
  links: [
    {
      id: 'bus',
      via: { type: 'serial', path: '/dev/ttyUSB0', baudRate: 9600 },
      devices: [{ id: 'climate', house: 'h1', model: 'louver-shield', unit: 1 }],
    },
  ],
  mqttDevices: [{ id: 'esp-1', house: 'h1', user: 'esp-1', dialect: 'esphome', topic: 'esp-1' }],
  outputs: [{ house: 'h1', device: 'climate', output: 'siren' }],
}

describe('a configuration', () => {
  it('that is right is taken as it is', () => {
    expect(readConfig(good)).toEqual({ ok: true, config: good })
  })

  it('with five mistakes has all five named at once, each with its place', () => {
    const bad = {
      ...good,
      houses: [{ id: 'h1', name: 'House 1', timeZone: 'Asia/Chicken' }],
      edge: { ...good.edge, mqtt: { host: '0.0.0.0', port: 99_999 } },
      links: good.links.map((link) => ({
        ...link,
        devices: link.devices.map((device) => ({ ...device, house: 'h9' })),
      })),
      mqttDevices: good.mqttDevices.map((device) => ({ ...device, dialect: 'morse' })),
      bridge: { ...good.bridge, userr: 'x' },
    }
    const result = readConfig(bad)
    if (result.ok) expect.unreachable()
    expect(result.mistakes.map(({ path }) => path).sort()).toEqual([
      '/bridge',
      '/edge/mqtt/port',
      '/houses/0/timeZone',
      '/links/0/devices/0/house',
      '/mqttDevices/0/dialect',
    ])
    const text = describeMistakes('farm.yaml', result.mistakes)
    expect(text).toContain('farm.yaml has 5 mistakes')
    expect(text).toContain('userr')
    expect(text).toContain('esphome')
  })

  it('with thirty mistakes of shape has all thirty named', () => {
    const links = Array.from({ length: 30 }, (_, index) => ({
      ...good.links[0],
      id: `bus-${index}`,
      devices: [],
    }))
    const result = readConfig({ ...good, links, outputs: [] })
    if (result.ok) expect.unreachable()
    expect(result.mistakes.filter(({ path }) => path.endsWith('/devices'))).toHaveLength(30)
  })

  it.each([
    undefined,
    null,
    7,
    'text',
    [],
    {},
    { houses: 7 },
    { houses: [null], links: [{ devices: [null] }] },
  ])('that is %j is refused without a throw', (input) => {
    expect(readConfig(input).ok).toBe(false)
  })

  it('that hangs an emergency fan on a relay is told that nothing would start it', () => {
    const result = readConfig({
      ...good,
      outputs: [{ house: 'h1', device: 'climate', output: 'fan.emergency' }],
    })
    if (result.ok) expect.unreachable()
    expect(result.mistakes).toEqual([
      { path: '/outputs/0/output', message: expect.stringContaining('leave this output out') },
    ])
  })

  it('with the same device twice, or an unknown metric or user, says so', () => {
    const bad = structuredClone(good)
    bad.mqttDevices.push({
      id: 'climate',
      house: 'h1',
      user: 'nobody',
      dialect: 'esphome',
      topic: 'x',
      metrics: { a: 'air.oxygen' },
    })
    const result = readConfig(bad)
    if (result.ok) expect.unreachable()
    expect(result.mistakes.map(({ message }) => message)).toEqual([
      '"climate" names two devices',
      'there is no metric "air.oxygen"',
      'there is no user "nobody"',
    ])
  })

  it.each([
    [
      { type: 'serial', path: '/dev/x', baudrate: 9600 },
      ['/links/0/via: must have required properties baudRate', '/links/0/via: unknown: baudrate'],
    ],
    [{ type: 'tcp', host: 'box', port: 99_999 }, ['/links/0/via/port: must be <= 65535']],
    [
      { type: 'seral', path: '/dev/x', baudRate: 9600 },
      [expect.stringMatching('^/links/0/via/type: must be one of serial, tcp, modbus-tcp, nut, replay, ')],
    ],
    [
      { type: 'serial', path: '/dev/x', baudRate: 9600, parity: 'odds' },
      ['/links/0/via/parity: must be one of none, even, odd'],
    ],
    [
      { type: 'nut', host: 'box', port: 3493, ups: 'a b' },
      [expect.stringMatching('^/links/0/via/ups: must match pattern')],
    ],
  ])('with the link %j is told only what is wrong with a link of that kind', (via, told) => {
    const result = readConfig({ ...good, links: [{ ...good.links[0], via }, ...good.links.slice(1)] })
    if (result.ok) expect.unreachable()
    expect(result.mistakes.map(({ path, message }) => `${path}: ${message}`)).toEqual(told)
  })

  it.each([
    [{ metrc: 'light' }, ['must have required properties metric', 'unknown: metrc']],
    [5, ['must be one of string, object']],
  ])('that maps a name to %j is told what a meaning looks like', (meaning, told) => {
    const bad = structuredClone(good)
    const [device] = bad.mqttDevices
    const result = readConfig({ ...bad, mqttDevices: [{ ...device, metrics: { a: meaning } }] })
    if (result.ok) expect.unreachable()
    expect(result.mistakes.filter(({ path }) => path.endsWith('/a')).map(({ message }) => message)).toEqual(
      told,
    )
  })

  it.each([
    ['spBv1.0/farm/plc/silo', []],
    ['farm/plc', ['must be spBv1.0/<group>/<edge node>, or …/<device> for one of its devices']],
  ])('that lists the Sparkplug device %s', (topic, told) => {
    const device = { id: 'silo', house: 'h1', user: good.users[0]?.id, dialect: 'sparkplug-b', topic }
    const result = readConfig({ ...good, mqttDevices: [device] })
    expect(result.ok ? [] : result.mistakes.map(({ message }) => message)).toEqual(told)
  })

  it('that has two users for one edge node is told that a node is one client', () => {
    const device = { house: 'h1', dialect: 'sparkplug-b' }
    const result = readConfig({
      ...good,
      users: [...good.users, { id: 'second', tokenSha256: '0'.repeat(64) }],
      mqttDevices: [
        { ...device, id: 'a', user: good.users[0]?.id, topic: 'spBv1.0/farm/plc/a' },
        { ...device, id: 'b', user: 'second', topic: 'spBv1.0/farm/plc/b' },
      ],
    })
    if (result.ok) expect.unreachable()
    expect(result.mistakes).toEqual([
      { path: '/mqttDevices/1/user', message: expect.stringContaining('is one client') },
    ])
  })

  it.each([
    [{ type: 'rtsp', url: 'rtsp://192.168.1.64/101', user: 'admin', passwordFile: 'cam.password' }],
    [{ type: 'rtsp', url: 'rtsp://admin:secret@192.168.1.64/101' }],
    [{ type: 'mjpeg', url: 'http://192.168.1.64/video' }],
    [{ type: 'snapshot', url: 'https://192.168.1.64/picture.jpg' }],
    [{ type: 'folder', path: 'uploads', remove: true }],
    [{ type: 'v4l2', path: '/dev/video0' }],
    [{ type: 'alsa', device: 'plughw:CARD=Mic' }],
  ])('reaches a camera or microphone by %j', (via) => {
    expect(readConfig({ ...good, links: [{ ...good.links[0], via }] })).toMatchObject({ ok: true })
  })

  it.each([
    [{ type: 'rtps', url: 'rtsp://x' }, '/type', 'must be one of serial, tcp'],
    [{ type: 'rtsp' }, '', 'url'],
    [{ type: 'rtsp', url: 'http://192.168.1.64/' }, '/url', 'rtsp://192.168.1.64/'],
    [{ type: 'snapshot', url: 'picture.jpg' }, '/url', 'http://192.168.1.64/'],
    [{ type: 'rtsp', url: 'rtsp://a:secret@cam/', user: 'b' }, '/user', 'in the address already'],
    [{ type: 'rtsp', url: 'rtsp://cam/', passwordFile: 'x' }, '/passwordFile', 'needs a user'],
    [{ type: 'folder', path: 'x', delete: true }, '', 'unknown: delete'],
    [{ type: 'serial', path: '/dev/ttyUSB0' }, '', 'baudRate'],
    [7, '/type', 'must be one of'],
  ])('has one clear mistake in %j, and says no password', (via, path, message) => {
    const result = readConfig({ ...good, links: [{ ...good.links[0], via }] })
    if (result.ok) expect.unreachable()
    expect(result.mistakes).toEqual([
      { path: `/links/0/via${path}`, message: expect.stringContaining(message) },
    ])
    expect(JSON.stringify(result.mistakes)).not.toContain('secret')
  })
})
