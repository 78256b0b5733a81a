import { describe, expect, it } from 'vitest'
import { readConfig } from '#domain/config.ts'
import { findDevice } from '../devices/index.ts'
import { mqttDevicesOf } from './farm-layout.ts'
import { nodeConfigFor } from './node-config.ts'

const ports = {
  control: 1,
  houses: { h1: { bus: 4001, scale: 4002, thermal: 4003 }, h2: { bus: 4004, scale: 4005, thermal: 4006 } },
}
const users = [
  'bridge',
  'logger',
  ...['h1', 'h2'].flatMap((id) => Object.values(mqttDevicesOf(id)).map(({ user }) => user)),
]
const config = nodeConfigFor(ports, {
  houses: ['h1', 'h2'].map((id) => ({ id, name: id, timeZone: 'Asia/Shanghai' })),
  cloudUrl: 'http://127.0.0.1:8080',
  dataDir: 'data',
  mqttPort: 1883,
  httpPort: 8081,
  bridgeTokenFile: 'bridge.token',
  tokenSha256: Object.fromEntries(users.map((user) => [user, 'a'.repeat(64)])),
})

describe('the configuration of a simulated farm', () => {
  it('is without mistakes', () => {
    expect(readConfig(config)).toEqual({ ok: true, config })
  })

  it('names only models that the bridge knows', () => {
    const models = config.links.flatMap(({ devices }) => devices.map(({ model }) => model))
    expect(models).toHaveLength(10)
    for (const model of models) expect(findDevice(model)).toBeDefined()
  })

  it('gives every line its port and every user its hash', () => {
    const lines = config.links.map(({ via }) => (via.type === 'tcp' ? via.port : 0))
    expect(lines.toSorted()).toEqual([4001, 4002, 4003, 4004, 4005, 4006])
    expect(config.users.map(({ id }) => id).toSorted()).toEqual(users.toSorted())
  })
})
