import { connect } from 'mqtt'
import type { Outlet, OutletOptions } from './outlet.ts'

export type OutsideBroker = { url: string; user?: string; token?: string }

const AGAIN_MS = 5_000
const KEEP_ALIVE_S = 15
const CLOSE_WITHIN_MS = 500
/** A broker that takes nothing more for a while costs no memory here. */
const MAX_UNWRITTEN = 1_000

/** Out to a broker that is not ours. What is said while it is away is not kept: `onReady` says it all anew. */
export function openOutsideOutlet(
  { url, user, token }: OutsideBroker,
  options: OutletOptions & { onTrouble(reason: string): void },
): Outlet {
  const { will, listen = [], onReady, onMessage, onTrouble } = options
  const testament = () => {
    const { topic, payload, retain } = will?.() ?? { topic: '', payload: '', retain: false }
    return topic === '' ? undefined : { topic, payload: Buffer.from(payload), qos: 1 as const, retain }
  }
  const first = testament()
  const client = connect(url, {
    ...(user !== undefined && { username: user }),
    ...(token !== undefined && { password: token }),
    ...(first && { will: first }),
    clean: true,
    keepalive: KEEP_ALIVE_S,
    reconnectPeriod: AGAIN_MS,
    reconnectOnConnackError: true,
    resubscribe: false,
    queueQoSZero: false,
    protocolVersion: 4,
  })
  let unwritten = 0
  client.on('connect', () => {
    const ready = () => onReady()
    if (listen.length === 0) ready()
    else client.subscribe([...listen], { qos: 1 }, ready)
  })
  client.on('close', () => {
    const next = testament()
    if (next) client.options.will = next
  })
  client.on('error', (error) => onTrouble(error.message || error.name))
  client.on('message', (topic, payload) => onMessage?.(topic, payload))
  return {
    publish(topic, payload, retain) {
      if (!client.connected || unwritten >= MAX_UNWRITTEN) return
      unwritten++
      client.publish(topic, Buffer.from(payload), { qos: 0, retain }, () => {
        unwritten--
      })
    },
    async close() {
      const gone = client.endAsync(false).catch(() => {})
      await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS))])
      client.end(true)
    },
  }
}
