import type { Database } from '#series-store/database.ts'
import type { Span, Taken } from '../batches/port.ts'
import type { Edge } from '../registry/port.ts'

type Lane = 'readings' | 'alarms'
type Gap = Extract<Taken<never>, { kind: 'gap' }>

/** How far each edge got, by lane and epoch. */
export type Lanes = {
  /** How many of the run are old and what the lane's watermark is, or the gap before it. */
  find(edge: Edge, lane: Lane, span: Span): Gap | { kind: 'fits'; old: number; watermark: number }
  /** `store` is given how many of the run are old, and stores the rest. Call inside a transaction. */
  take<Stored>(edge: Edge, lane: Lane, span: Span, store: (old: number) => Stored): Taken<Stored>
}

export function openLanes(database: Database): Lanes {
  const watermark = database.prepare('SELECT number FROM watermark WHERE edge = ? AND lane = ? AND epoch = ?')
  const advance = database.prepare(`
    INSERT INTO watermark (edge, lane, epoch, number) VALUES (?, ?, ?, ?)
    ON CONFLICT (edge, lane, epoch) DO UPDATE SET number = excluded.number`)

  const find: Lanes['find'] = (edge, lane, { epoch, from, to }) => {
    const had = Number(watermark.get(edge.id, lane, epoch)?.number ?? 0)
    if (from > had + 1) return { kind: 'gap', expected: had + 1 }
    return { kind: 'fits', old: Math.min(had + 1, to + 1) - from, watermark: had }
  }
  return {
    find,
    take(edge, lane, span, store) {
      const found = find(edge, lane, span)
      if (found.kind === 'gap') return found
      const stored = store(found.old)
      if (span.to > found.watermark) advance.run(edge.id, lane, span.epoch, span.to)
      return { kind: 'taken', watermark: Math.max(found.watermark, span.to), old: found.old, stored }
    },
  }
}
