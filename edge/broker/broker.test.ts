import { connect as connectTcp } from 'node:net'
import type { MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCounters } from '../counters.ts'
import { BRIDGE, nodeConfig, PROBE } from '../test/node-config.ts'
import { connectTo, pause, until } from '../test/wire-client.ts'
import { type Broker, openBroker } from './broker.ts'

describe('broker', () => {
  let broker: Broker
  let taken: string[]
  let lines: string[]
  const counters = {
    current: createCounters(
      () => {},
      () => 0,
    ),
  }
  const count = (name: string) => counters.current.values()[name] ?? 0

  beforeEach(async () => {
    taken = []
    lines = []
    counters.current = createCounters(
      (line) => lines.push(line),
      () => performance.now(),
    )
    broker = await openBroker({
      config: nodeConfig('unused'),
      counters: counters.current,
      onMessage: (route, topic, payload, done) => {
        taken.push(`${route.kind} ${route.device} ${topic} ${payload.length}`)
        done()
      },
      onSubscribed: () => {},
    })
  })
  afterEach(() => broker.close())

  it.each([
    ['a wrong token', { username: 'bridge', password: 'wrong' }],
    ['an unknown user', { username: 'nobody', password: 'bridge-token-1' }],
    ['no user', {}],
  ])('refuses %s, counts it and says what to do', async (_, login) => {
    await expect(connectTo(broker.port, login)).rejects.toThrow(/not authorized/i)
    expect(count('mqtt.login-failed')).toBe(1)
    expect(lines[0]).toContain('compare its user and token')
    expect(lines.join()).not.toContain('wrong-token')
  })

  it.each([
    ['the bridge: its devices', BRIDGE, 'flockwise/v1/h1/air-1/readings'],
    ['the bridge: history of a device that is not behind it', BRIDGE, 'flockwise/v1/h1/probe-1/readings'],
    ['a probe: below its topic', PROBE, 'probe-1/sensor/temperature/state'],
  ])('takes from %s', async (_, login, topic) => {
    const client = await connectTo(broker.port, login)
    await client.publishAsync(topic, '{}', { qos: 1 })
    expect(taken).toHaveLength(1)
    await client.endAsync()
  })

  it.each([
    ['the bridge: a device in another house', BRIDGE, 'flockwise/v1/h2/air-1/readings'],
    ['the bridge: a block of what is not behind it', BRIDGE, 'flockwise/v1/h1/probe-1/block'],
    ['the bridge: a command', BRIDGE, 'flockwise/v1/h1/relay-1/command'],
    ["a probe: the bridge's devices", PROBE, 'flockwise/v1/h1/air-1/readings'],
    ['a probe: a neighbour whose name begins alike', PROBE, 'probe-10/sensor/temperature/state'],
    ['a probe: the broker itself', PROBE, '$SYS/x'],
  ])('refuses from %s, without an acknowledgement', async (_, login, topic) => {
    const client = await connectTo(broker.port, login)
    client.on('error', () => {})
    const acknowledged = client.publishAsync(topic, '{}', { qos: 1 }).then(
      () => true,
      () => false,
    )
    await new Promise<void>((resolve) => client.once('close', () => resolve()))
    client.end(true)
    expect(await Promise.race([acknowledged, pause(50).then(() => false)])).toBe(false)
    expect(taken).toEqual([])
    expect(count('mqtt.foreign-topic')).toBe(1)
  })

  it('drops what a gateway says beside its listed devices, and lets it go on', async () => {
    await broker.close()
    const gateway = { ...nodeConfig('unused') }
    gateway.mqttDevices = gateway.mqttDevices.map((device) => ({ ...device, topic: 'zigbee2mqtt/litter' }))
    broker = await openBroker({
      config: gateway,
      counters: counters.current,
      onMessage: (_route, topic, _payload, done) => {
        taken.push(topic)
        done()
      },
      onSubscribed: () => {},
    })
    const zigbee = await connectTo(broker.port, PROBE)
    await zigbee.publishAsync('zigbee2mqtt/bridge/state', 'online', { qos: 1 })
    await zigbee.publishAsync('zigbee2mqtt/litter', '{"temperature":20}', { qos: 1 })
    expect(taken).toEqual(['zigbee2mqtt/litter'])
    expect([count('mqtt.unlisted-topic'), count('mqtt.foreign-topic')]).toEqual([1, 0])
    await zigbee.endAsync()
  })

  it('lets no user keep the others out by his many connections', async () => {
    const greedy = await Promise.all(
      Array.from({ length: 32 }, (_, index) => connectTo(broker.port, { ...PROBE, clientId: `c${index}` })),
    )
    await expect(connectTo(broker.port, { ...PROBE, clientId: 'one-more' })).rejects.toThrow(
      /not authorized/i,
    )
    expect(count('mqtt.too-many-clients')).toBe(1)
    const bridge = await connectTo(broker.port, BRIDGE)
    await greedy[0]?.endAsync()
    await until(() => broker.clients() === 32)
    const again = await connectTo(broker.port, { ...PROBE, clientId: 'one-more' })
    await Promise.all([bridge, again, ...greedy.slice(1)].map((client) => client.endAsync()))
  })

  it.each([
    ['the bridge: its commands', BRIDGE, 'flockwise/v1/h1/relay-1/command', 1],
    ['the bridge: all commands', BRIDGE, 'flockwise/v1/+/+/command', 1],
    ['the bridge: everything', BRIDGE, '#', 128],
    ['the bridge: readings', BRIDGE, 'flockwise/v1/h1/air-1/readings', 128],
    ['a probe: its own topic', PROBE, 'probe-1/#', 1],
    ['a probe: commands', PROBE, 'flockwise/v1/h1/relay-1/command', 128],
    ['a probe: the broker itself', PROBE, '$SYS/#', 128],
  ])('lets subscribe %s', async (_, login, topic, granted) => {
    const client = await connectTo(broker.port, login)
    const code = await client.subscribeAsync(topic, { qos: 1 }).then(
      ([grant]) => grant?.qos ?? 128,
      () => 128,
    )
    expect(code).toBe(granted)
    expect(count('mqtt.subscription-refused')).toBe(granted === 128 ? 1 : 0)
    await client.endAsync()
  })

  it('hands commands to the bridge, and nothing that a client published to anybody', async () => {
    const bridge = await connectTo(broker.port, BRIDGE)
    const probe = await connectTo(broker.port, PROBE)
    const heard: string[] = []
    bridge.on('message', (topic) => heard.push(topic))
    probe.on('message', (topic) => heard.push(topic))
    await bridge.subscribeAsync('flockwise/v1/+/+/command', { qos: 1 })
    await probe.subscribeAsync('probe-1/#')
    await probe.publishAsync('probe-1/sensor/temperature/state', '20', { qos: 1, retain: true })
    broker.publish('flockwise/v1/h1/relay-1/command', '{}')
    await until(() => heard.length > 0)
    await pause(50)
    expect(heard).toEqual(['flockwise/v1/h1/relay-1/command'])
    await Promise.all([bridge.endAsync(), probe.endAsync()])
  })

  it('keeps two users apart that take the same client id', async () => {
    const bridge = await connectTo(broker.port, { ...BRIDGE, clientId: 'same' })
    const probe = await connectTo(broker.port, { ...PROBE, clientId: 'same' })
    await bridge.publishAsync('flockwise/v1/h1/air-1/readings', '{}', { qos: 1 })
    expect(taken).toHaveLength(1)
    await Promise.all([bridge.endAsync(), probe.endAsync()])
  })

  it.each([
    [
      'whole',
      (client: MqttClient) => void client.publish('flockwise/v1/h1/cam-1/frame', Buffer.alloc(10_000_000)),
    ],
    // The header alone is enough: nothing of the body has come, so nothing of it can be in memory.
    [
      'only announced',
      (client: MqttClient) => void client.stream.write(Uint8Array.of(0x32, 0x80, 0xad, 0xe2, 0x04)),
    ],
  ])('cuts off a payload of 10 MB, %s, and goes on with the others', async (_, send) => {
    const hostile = await connectTo(broker.port, BRIDGE)
    const good = await connectTo(broker.port, PROBE)
    hostile.on('error', () => {})
    const closed = new Promise<void>((resolve) => hostile.once('close', () => resolve()))
    send(hostile)
    await closed
    hostile.end(true)
    expect(count('mqtt.too-large')).toBe(1)
    await good.publishAsync('probe-1/sensor/temperature/state', '20', { qos: 1 })
    expect(taken).toHaveLength(1)
    await good.endAsync()
  })

  it('bounds those who connect and say nothing, and still takes who is known', async () => {
    const known = await connectTo(broker.port, PROBE)
    const sockets = Array.from({ length: 100 }, () =>
      connectTcp(broker.port, '127.0.0.1').on('error', () => {}),
    )
    await until(() => count('mqtt.too-many-clients') >= 36)
    await known.publishAsync('probe-1/sensor/temperature/state', '20', { qos: 1 })
    expect(taken).toHaveLength(1)
    for (const socket of sockets) socket.destroy()
    await known.endAsync()
  })

  it('survives line noise', async () => {
    const socket = connectTcp(broker.port, '127.0.0.1').on('error', () => {})
    socket.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    await new Promise((resolve) => socket.once('close', resolve))
    expect(count('mqtt.protocol-error')).toBe(1)
  })

  it('is not held up by a subscriber that stops reading', async () => {
    const frozen = await connectTo(broker.port, BRIDGE)
    await frozen.subscribeAsync('flockwise/v1/+/+/command', { qos: 1 })
    frozen.stream.pause()
    const filling = '{"id":"'.padEnd(500_000, 'x')
    for (let command = 0; command < 40; command++) broker.publish('flockwise/v1/h1/relay-1/command', filling)
    const other = await connectTo(broker.port, PROBE)
    const start = performance.now()
    for (let message = 0; message < 20; message++) {
      await other.publishAsync('probe-1/sensor/temperature/state', '20', { qos: 1 })
    }
    expect(performance.now() - start).toBeLessThan(1_000)
    frozen.end(true)
    await other.endAsync()
  })
})
