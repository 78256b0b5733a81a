/** Where what the edge tells others goes: its own broker, or one outside. */
export type Outlet = {
  /** A retained message is told to whoever comes later too. */
  publish(topic: string, payload: string | Uint8Array, retain: boolean): void
  close(): Promise<void>
}

/** What an outlet is opened with; `will` is published by the broker outside when the edge is gone without a word. */
export type OutletOptions = {
  listen?: readonly string[]
  will?(): { topic: string; payload: string | Uint8Array; retain: boolean }
  /** Everything may be said now: at the beginning and after each break. */
  onReady(): void
  onMessage?(topic: string, payload: Uint8Array): void
}

/** Whether an MQTT filter with `+` and `#` takes a topic in. */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/')
  const parts = topic.split('/')
  for (const [at, part] of wanted.entries()) {
    if (part === '#') return true
    if (part !== '+' && part !== parts[at]) return false
    if (parts[at] === undefined) return false
  }
  return wanted.length === parts.length
}
