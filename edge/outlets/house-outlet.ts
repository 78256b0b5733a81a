import { matches, type Outlet } from './outlet.ts'

export type HouseOutlet = Outlet & {
  /** Somebody listens: what is retained of it is said again, to them and to whoever listens already. */
  subscribed(filter: string): void
}

/** Out through the edge's own broker, which keeps nothing: what is to stay is kept here. */
export function createHouseOutlet(
  publish: (topic: string, payload: string | Uint8Array) => void,
  onListener: (filter: string) => void = () => {},
): HouseOutlet {
  const retained = new Map<string, string | Uint8Array>()
  return {
    publish(topic, payload, retain) {
      if (retain) retained.set(topic, payload)
      publish(topic, payload)
    },
    subscribed(filter) {
      for (const [topic, payload] of retained) if (matches(filter, topic)) publish(topic, payload)
      onListener(filter)
    },
    close: async () => {},
  }
}
