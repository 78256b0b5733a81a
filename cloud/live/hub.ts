import { Readable } from 'node:stream'
import type { LiveEvent } from '#domain/api/farm.ts'
import { type Clock, HOUR } from '#domain/time.ts'

/**
 * Who watches which farm, and what is said to them (server-sent events). A watcher that does not read is
 * dropped once too much waits for it: its page connects anew and reads the whole picture.
 */
export type Hub = {
  /** Undefined when there are as many watchers as there may be. */
  watch(farm: string, options: { house?: string | undefined; session: string }): Readable | undefined
  publish(farm: string, event: LiveEvent): void
  isWatched(farm: string): boolean
  /** Houses whose thermal picture somebody looks at. */
  pictures(farm: string): string[]
  endSession(session: string): void
  /** Says to all that the line is alive, and ends streams so old that their log-in should be looked at again. */
  beat(): void
  close(): void
}

type Watcher = { farm: string; house?: string | undefined; session: string; since: number; stream: Readable }

export type HubOptions = {
  clock: Clock
  /** The first watcher came or the last one went, of the farm or of a house's picture. */
  onAudienceChange(farm: string): void
  onDropped(farm: string): void
  mostPerFarm?: number
  mostInAll?: number
  mostWaitingBytes?: number
}

const LONGEST_MS = HOUR

export function createHub(options: HubOptions): Hub {
  const { clock, onAudienceChange, onDropped } = options
  const { mostPerFarm = 100, mostInAll = 2000, mostWaitingBytes = 1_000_000 } = options
  const farms = new Map<string, Set<Watcher>>()
  let inAll = 0

  const watchersOf = (farm: string) => farms.get(farm) ?? new Set<Watcher>()
  const all = () => [...farms.values()].flatMap((watchers) => [...watchers])
  const pictures = (farm: string) =>
    [...new Set([...watchersOf(farm)].flatMap(({ house }) => house ?? []))].sort()
  const audience = (farm: string) => `${watchersOf(farm).size > 0} ${pictures(farm).join(' ')}`

  const changing = (farm: string, change: () => void) => {
    const before = audience(farm)
    change()
    if (audience(farm) !== before) onAudienceChange(farm)
  }
  const leave = (watcher: Watcher) => {
    const watchers = watchersOf(watcher.farm)
    if (!watchers.has(watcher)) return
    changing(watcher.farm, () => {
      watchers.delete(watcher)
      inAll--
      if (watchers.size === 0) farms.delete(watcher.farm)
    })
  }
  const write = (watcher: Watcher, text: string) => {
    const { stream, farm } = watcher
    if (stream.readableLength + text.length <= mostWaitingBytes) stream.push(text)
    else {
      onDropped(farm)
      leave(watcher)
      stream.destroy()
    }
  }
  const end = (watcher: Watcher) => {
    leave(watcher)
    watcher.stream.push(null)
  }

  return {
    watch(farm, { house, session }) {
      if (inAll >= mostInAll || watchersOf(farm).size >= mostPerFarm) return undefined
      const stream = new Readable({ read() {} })
      const watcher: Watcher = { farm, house, session, since: clock.monotonic(), stream }
      stream.once('close', () => leave(watcher))
      changing(farm, () => {
        farms.set(farm, watchersOf(farm).add(watcher))
        inAll++
      })
      write(watcher, 'retry: 3000\n\n')
      return stream
    },
    publish(farm, event) {
      const watchers = watchersOf(farm)
      if (watchers.size === 0) return
      const { kind, ...data } = event
      const text = `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`
      for (const watcher of watchers) {
        if (event.kind !== 'thermal' || watcher.house === event.house) write(watcher, text)
      }
    },
    isWatched: (farm) => watchersOf(farm).size > 0,
    pictures,
    endSession(session) {
      for (const watcher of all()) if (watcher.session === session) end(watcher)
    },
    beat() {
      const earliest = clock.monotonic() - LONGEST_MS
      for (const watcher of all()) {
        if (watcher.since < earliest) end(watcher)
        else write(watcher, ':\n\n')
      }
    },
    close() {
      for (const watcher of all()) end(watcher)
    },
  }
}
