import { Compile } from 'typebox/compile'
import type { NodeConfig } from '#domain/config.ts'
import { DeviceHealth } from '#domain/topics.ts'
import type { ClockStep } from '../clock/edge-clock.ts'
import { parseJson, type Reject, type Rejected } from './read-message.ts'

/** How each device fares: the bridge says it of its own, and the edge sees it of those that speak MQTT. */
export type Devices = {
  /** What the bridge says of a device. Its own clock says only how long ago something was. */
  report(device: string, payload: Buffer, now: number, reject: Reject): void
  /** A device that speaks MQTT itself said something. */
  heard(device: string, now: number, online?: boolean): void
  /**
   * A device that speaks MQTT is there, though it may have nothing to say: it announced itself and took nothing
   * back, or it is the only one of a client that has spoken.
   */
  isPresent(device: string): boolean
  discarded(device: string, reason: Rejected): void
  /** By the edge's clock. */
  all(): Record<string, DeviceHealth>
  /** That clock was corrected. */
  step(step: ClockStep): void
}

const deviceHealth = Compile(DeviceHealth)

export function createDevices(config: NodeConfig): Devices {
  const health = new Map<string, DeviceHealth>()
  /** What the edge itself refused, beside what the bridge tells of its own. */
  const refused = new Map<string, Record<string, number>>()
  const announced = new Set<string>()
  const soleOfUser = new Set(
    config.mqttDevices
      .filter(({ user }) => config.mqttDevices.filter((other) => other.user === user).length === 1)
      .map(({ id }) => id),
  )
  for (const { id } of config.mqttDevices) {
    health.set(id, { t: 0, link: 'closed', lastFrameAt: 0, frames: 0, discarded: {}, reopened: 0 })
  }
  return {
    report(device, payload, now, reject) {
      const body = parseJson(payload)
      if (body === undefined) reject('rejected.not-json')
      else if (!deviceHealth.Check(body)) reject('rejected.not-valid')
      else health.set(device, shifted(body, now - body.t))
    },
    heard(device, now, said) {
      const own = health.get(device)
      if (!own) return
      const online = said ?? true
      if (said === true) announced.add(device)
      if (online && own.link === 'closed' && own.frames > 0) own.reopened++
      own.t = now
      own.link = online ? 'open' : 'closed'
      if (!online) return
      own.lastFrameAt = now
      own.frames++
    },
    isPresent: (device) =>
      health.get(device)?.link === 'open' && (announced.has(device) || soleOfUser.has(device)),
    discarded(device, reason) {
      const own = refused.get(device) ?? {}
      own[reason] = (own[reason] ?? 0) + 1
      refused.set(device, own)
    },
    all: () =>
      Object.fromEntries(
        [...health].map(([device, own]) => {
          const discarded = { ...own.discarded, ...refused.get(device) }
          return [device, { ...own, discarded }]
        }),
      ),
    step({ byMs }) {
      for (const [device, own] of health) health.set(device, shifted(own, byMs))
    },
  }
}

/** 0 is never. */
function shifted(health: DeviceHealth, byMs: number): DeviceHealth {
  const shift = (t: number) => (t === 0 ? 0 : t + byMs)
  return { ...health, t: shift(health.t), lastFrameAt: shift(health.lastFrameAt) }
}
