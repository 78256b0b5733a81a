import type { EdgeView } from '#domain/api/farm.ts'
import type { Live } from '#domain/sync.ts'
import type { Clock } from '#domain/time.ts'
import type { Edge, Edges } from '../registry/port.ts'

/** When each edge was last heard, and what it said of itself. Kept in memory, written down now and then. */
export type Presence = {
  saw(edge: Edge): void
  said(edge: Edge, live: Live): EdgeView
  view(edge: Edge): EdgeView
  /**
   * When an edge was heard last, UTC ms, and how long ago that is by a clock that does not jump. One that was
   * not heard since the service started (`heard` false) counts from the start: nobody listened before.
   */
  lastSign(edge: Edge): { at: number; agoMs: number; heard: boolean }
  /** Writes down what changed since the last time. */
  writeDown(): Promise<void>
}

type Sign = { at: number; monotonic: number }
type Said = Pick<Live, 'backlog' | 'counters' | 'devices'>

const nothing: Said = { backlog: 0, counters: {}, devices: {} }

export function createPresence(edges: Edges, clock: Clock): Presence {
  const started: Sign = { at: clock.now(), monotonic: clock.monotonic() }
  const signs = new Map<string, Sign>()
  const said = new Map<string, Said>()
  let unwritten = new Map<string, number>()

  const saw = ({ id }: Edge) => {
    const at = clock.now()
    signs.set(id, { at, monotonic: clock.monotonic() })
    unwritten.set(id, at)
  }
  const view = (edge: Edge): EdgeView => ({
    id: edge.id,
    enrolledAt: edge.enrolledAt,
    seenAt: signs.get(edge.id)?.at ?? edge.seenAt,
    ...(said.get(edge.id) ?? nothing),
  })

  return {
    saw,
    view,
    said(edge, { backlog, counters, devices }) {
      said.set(edge.id, { backlog, counters, devices })
      return view(edge)
    },
    lastSign({ id }) {
      const { at, monotonic } = signs.get(id) ?? started
      return { at, agoMs: clock.monotonic() - monotonic, heard: signs.has(id) }
    },
    async writeDown() {
      if (unwritten.size === 0) return
      const writing = unwritten
      unwritten = new Map()
      try {
        await edges.saw(writing)
      } catch (error) {
        unwritten = new Map([...writing, ...unwritten])
        throw error
      }
    },
  }
}
