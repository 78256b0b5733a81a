import type { NodeConfig } from '#domain/config.ts'
import { busDevices, deviceIds, LOGGER_USER, mqttDevicesOf, type SimulatorPorts } from './farm-layout.ts'

export type NodeConfigOptions = {
  houses: readonly { id: string; name: string; timeZone: string }[]
  cloudUrl?: string
  dataDir: string
  mqttPort: number
  httpPort: number
  bridgeTokenFile: string
  /** SHA-256 (hex) of each user's token: `bridge`, `logger` and those of `mqttDevicesOf`. */
  tokenSha256: Readonly<Record<string, string>>
}

const HOST = '127.0.0.1'
const BRIDGE_USER = 'bridge'

/** The configuration of bridge and edge that fits a simulated farm. Users without a token are left out. */
export function nodeConfigFor(ports: SimulatorPorts, options: NodeConfigOptions): NodeConfig {
  const { houses, cloudUrl, dataDir, mqttPort, httpPort, bridgeTokenFile, tokenSha256 } = options
  const users = [
    { id: BRIDGE_USER, bridge: true },
    { id: LOGGER_USER, bridge: true },
    ...houses.flatMap(({ id }) => Object.values(mqttDevicesOf(id)).map(({ user }) => ({ id: user }))),
  ]
  return {
    houses: houses.map(({ id, name, timeZone }) => ({ id, name, timeZone })),
    ...(cloudUrl !== undefined && { cloud: { url: cloudUrl } }),
    edge: { dataDir, mqtt: { host: HOST, port: mqttPort }, http: { host: HOST, port: httpPort } },
    bridge: { mqttUrl: `mqtt://${HOST}:${mqttPort}`, user: BRIDGE_USER, tokenFile: bridgeTokenFile },
    users: users.flatMap((user) => {
      const sha256 = tokenSha256[user.id]
      return sha256 === undefined ? [] : [{ ...user, tokenSha256: sha256 }]
    }),
    links: houses.flatMap(({ id }) => linksOf(id, ports)),
    mqttDevices: houses.flatMap(({ id }) => {
      const ids = deviceIds(id)
      const { meters, zigbee } = mqttDevicesOf(id)
      const device = ({ user, dialect, topic }: typeof meters | typeof zigbee) => ({
        house: id,
        user,
        dialect,
        topic,
      })
      return [
        { id: ids.meters, ...device(meters) },
        { id: ids.zigbee, ...device(zigbee) },
      ]
    }),
    outputs: houses.map(({ id }) => ({ house: id, device: deviceIds(id).relay, output: 'siren' as const })),
  }
}

function linksOf(house: string, ports: SimulatorPorts): NodeConfig['links'] {
  const lines = ports.houses[house]
  if (!lines) return []
  const ids = deviceIds(house)
  const via = (port: number) => ({ type: 'tcp' as const, host: HOST, port })
  return [
    {
      id: `${house}-bus`,
      via: via(lines.bus),
      devices: busDevices.map(({ role, unit, model }) => ({ id: ids[role], house, model, unit })),
    },
    { id: `${house}-scale`, via: via(lines.scale), devices: [{ id: ids.scale, house, model: 'xk3190' }] },
    {
      id: `${house}-thermal`,
      via: via(lines.thermal),
      devices: [{ id: ids.thermal, house, model: 'gy-mcu90640' }],
    },
  ]
}
