import { createHash } from 'node:crypto'
import type { NodeConfig } from '#domain/config.ts'

export const BRIDGE = { username: 'bridge', password: 'bridge-token-1' }
export const PROBE = { username: 'probe', password: 'probe-token-1' }

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** A node with two houses behind a bridge and one ESPHome probe, on ports of the system's choosing. */
export function nodeConfig(dataDir: string, cloudUrl?: string): NodeConfig {
  return {
    houses: [
      { id: 'h1', name: 'One', timeZone: 'Asia/Shanghai' },
      { id: 'h2', name: 'Two', timeZone: 'Asia/Shanghai' },
    ],
    ...(cloudUrl && { cloud: { url: cloudUrl } }),
    edge: { dataDir, mqtt: { host: '127.0.0.1', port: 0 }, http: { host: '127.0.0.1', port: 0 } },
    bridge: { mqttUrl: 'mqtt://127.0.0.1:1883', user: 'bridge', tokenFile: 'bridge.token' },
    users: [
      { id: 'bridge', tokenSha256: sha256(BRIDGE.password), bridge: true },
      { id: 'probe', tokenSha256: sha256(PROBE.password) },
    ],
    links: [
      {
        id: 'bus-1',
        via: { type: 'tcp', host: '127.0.0.1', port: 4001 },
        devices: [
          { id: 'air-1', house: 'h1', model: 'louver-air' },
          { id: 'relay-1', house: 'h1', model: 'relay-board' },
          { id: 'scale-1', house: 'h1', model: 'scale' },
          { id: 'cam-1', house: 'h1', model: 'thermal' },
          { id: 'air-2', house: 'h2', model: 'louver-air' },
        ],
      },
    ],
    mqttDevices: [{ id: 'probe-1', house: 'h1', user: 'probe', dialect: 'esphome', topic: 'probe-1' }],
    outputs: [{ house: 'h1', device: 'relay-1', output: 'siren' }],
  }
}
