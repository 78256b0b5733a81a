import type { NodeConfig } from '#domain/config.ts'
import type { Reading } from '#domain/reading.ts'
import { sparkplugTopic } from '#domain/sparkplug/topic.ts'
import type { Clock } from '#domain/time.ts'
import type { DeviceHealth } from '#domain/topics.ts'
import type { Counters } from '../counters.ts'
import { createHomeAssistant } from '../home-assistant/home-assistant.ts'
import type { SparkplugOut } from '../sparkplug/sparkplug-out.ts'
import { createHouseOutlet } from './house-outlet.ts'
import type { Outlet, OutletOptions } from './outlet.ts'

/** What the edge tells others over MQTT, as `publish` in farm.yaml has it; off unless it is there. */
export type Outlets = {
  take(reading: Reading, late: boolean): void
  /** Call about once a second. */
  tick(now: number, health: Readonly<Record<string, DeviceHealth>>): void
  /** Somebody listens on the edge's own broker. */
  subscribed(filter: string): void
  /** Somebody on the edge's own broker commands our Sparkplug node. */
  command(topic: string, payload: Uint8Array): void
  close(): Promise<void>
}

export type OutletsDeps = {
  config: Pick<NodeConfig, 'publish' | 'houses'>
  clock: Clock
  counters: Counters
  known: readonly Reading[]
  /** On the edge's own broker. */
  publish(topic: string, payload: string | Uint8Array): void
  readToken(file: string): string
}

const DEFAULT_PREFIX = 'homeassistant'
type Part = Outlets

export async function openOutlets(deps: OutletsDeps): Promise<Outlets> {
  const { publish = {} } = deps.config
  const parts: Part[] = []
  if (publish.homeAssistant) parts.push(await openHomeAssistant(deps, publish.homeAssistant))
  if (publish.sparkplug) parts.push(await openSparkplug(deps, publish.sparkplug))
  return {
    take(reading, late) {
      for (const part of parts) part.take(reading, late)
    },
    tick(now, health) {
      for (const part of parts) part.tick(now, health)
    },
    subscribed(filter) {
      for (const part of parts) part.subscribed(filter)
    },
    command(topic, payload) {
      for (const part of parts) part.command(topic, payload)
    },
    async close() {
      await Promise.all(parts.map((part) => part.close()))
    },
  }
}

type Settings = NonNullable<NodeConfig['publish']>

async function openHomeAssistant(
  deps: OutletsDeps,
  settings: NonNullable<Settings['homeAssistant']>,
): Promise<Part> {
  const prefix = settings.prefix ?? DEFAULT_PREFIX
  const house = createHouseOutlet(deps.publish)
  let sayAll = () => {}
  const outlet = settings.url
    ? await openOutside(deps, settings, {
        // Home Assistant says `online` when it begins: it has forgotten what it knew.
        listen: [`${prefix}/status`],
        onReady: () => sayAll(),
        onMessage: (_topic, payload) => {
          if (new TextDecoder().decode(payload) === 'online') sayAll()
        },
        will: () => ({ topic: 'flockwise/out/status', payload: 'offline', retain: true }),
      })
    : house
  const feature = createHomeAssistant({ outlet, prefix, houses: deps.config.houses, known: deps.known })
  sayAll = feature.sayAll
  if (!settings.url) sayAll()
  return {
    take(reading, late) {
      if (!late) feature.take(reading)
    },
    tick: (_now, health) => feature.tick(health),
    subscribed: (filter) => house.subscribed(filter),
    command() {},
    async close() {
      feature.close()
      await outlet.close()
    },
  }
}

async function openSparkplug(deps: OutletsDeps, settings: NonNullable<Settings['sparkplug']>): Promise<Part> {
  const { group, node, url } = settings
  const { clock } = deps
  const commands = sparkplugTopic({ group, node, type: 'NCMD' })
  // Its codec takes 8 MB, so it is loaded where it is wanted.
  const { createSparkplugOut } = await import('../sparkplug/sparkplug-out.ts')
  const feature: SparkplugOut = createSparkplugOut({ outlet: () => outlet, group, node, known: deps.known })
  const house = createHouseOutlet(deps.publish, (filter) => {
    // Births are not kept by anybody: who comes later is told them.
    if (filter.startsWith('spBv1.0/') && !filter.startsWith('spBv1.0/STATE')) feature.rebirth(clock.now())
  })
  const outlet: Outlet = url
    ? await openOutside(deps, settings, {
        listen: [commands],
        will: feature.will,
        onReady: () => feature.connected(clock.now()),
        onMessage: (topic, payload) => feature.command(topic, payload, clock.now()),
      })
    : house
  if (!url) feature.connected(clock.now())
  return {
    take: feature.take,
    tick: feature.tick,
    subscribed(filter) {
      if (!url) house.subscribed(filter)
    },
    command: (topic, payload) => feature.command(topic, payload, clock.now()),
    async close() {
      feature.close()
      await outlet.close()
    },
  }
}

async function openOutside(
  { readToken, counters }: OutletsDeps,
  { url = '', user, tokenFile }: { url?: string; user?: string; tokenFile?: string },
  options: OutletOptions,
): Promise<Outlet> {
  const { openOutsideOutlet } = await import('./outside-outlet.ts')
  return openOutsideOutlet(
    {
      url,
      ...(user !== undefined && { user }),
      ...(tokenFile !== undefined && { token: readToken(tokenFile) }),
    },
    { ...options, onTrouble: (reason) => counters.count('publish.away', `${url}: ${reason}`) },
  )
}
