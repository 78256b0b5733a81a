import type { EdgeView } from '#domain/api/farm.ts'
import { type Live, SIGN_OF_LIFE_MS } from '#domain/sync.ts'
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
  /** From the first to the last sign without a gap between them, ms; 0 when it is not heard now. */
  steadyMs(edge: Edge): number
  /** Forgets an edge that is none any more. */
  forget(id: string): void
  /** Writes down what changed since the last time. */
  writeDown(): Promise<void>
}

/** `steadySince`: the first sign, by the clock that does not jump, from which on there was no gap. */
type Sign = { at: number; monotonic: number; steadySince: number }
type Said = Pick<EdgeView, 'backlog' | 'counters' | 'devices' | 'clockAheadMs'>

/** One sign that is lost on its way, or even two, is no gap yet; after this an edge is silent. */
export const GAP_MS = 3 * SIGN_OF_LIFE_MS

const nothing: Said = { backlog: 0, counters: {}, devices: {} }

export function createPresence(edges: Edges, clock: Clock): Presence {
  const started = { at: clock.now(), monotonic: clock.monotonic() }
  const signs = new Map<string, Sign>()
  const said = new Map<string, Said>()
  let unwritten = new Map<string, number>()

  const saw = ({ id }: Edge) => {
    const at = clock.now()
    const monotonic = clock.monotonic()
    const before = signs.get(id)
    const isSteady = before !== undefined && monotonic - before.monotonic <= GAP_MS
    signs.set(id, { at, monotonic, steadySince: isSteady ? before.steadySince : monotonic })
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
    said(edge, { t, backlog, counters, devices }) {
      said.set(edge.id, { backlog, counters, devices, clockAheadMs: t - clock.now() })
      return view(edge)
    },
    lastSign({ id }) {
      const { at, monotonic } = signs.get(id) ?? started
      return { at, agoMs: clock.monotonic() - monotonic, heard: signs.has(id) }
    },
    steadyMs({ id }) {
      const sign = signs.get(id)
      const now = clock.monotonic()
      return sign && now - sign.monotonic <= GAP_MS ? sign.monotonic - sign.steadySince : 0
    },
    forget(id) {
      signs.delete(id)
      said.delete(id)
      unwritten.delete(id)
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
