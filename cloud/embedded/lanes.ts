import type { LaneName } from '#domain/sync.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { Span, Taken } from '../batches/port.ts'
import type { Edge } from '../registry/port.ts'

/** How far each edge got, by lane and epoch. */
export type Lanes = {
  watermark(edge: Edge, lane: LaneName, epoch: string): number
  /** A run that leaves a gap, or is there already; undefined for one that brings new numbers. */
  known(edge: Edge, lane: LaneName, span: Span): Exclude<Taken<never>, { kind: 'taken' }> | undefined
  /** `store` is given how many of the run are old. Call inside a transaction. */
  take<Stored>(edge: Edge, lane: LaneName, span: Span, store: (old: number) => Stored): Taken<Stored>
}

export function openLanes(database: Database): Lanes {
  const mark = database.prepare('SELECT number FROM watermark WHERE edge = ? AND lane = ? AND epoch = ?')
  const advance = database.prepare(`
    INSERT INTO watermark (edge, lane, epoch, number) VALUES (?, ?, ?, ?)
    ON CONFLICT (edge, lane, epoch) DO UPDATE SET number = excluded.number`)

  const watermark: Lanes['watermark'] = (edge, lane, epoch) =>
    Number(mark.get(edge.id, lane, epoch)?.number ?? 0)
  const judge = (had: number, { from, to }: Span) => {
    if (from > had + 1) return { kind: 'gap', expected: had + 1 } as const
    return to <= had ? ({ kind: 'repeated', watermark: had } as const) : undefined
  }

  return {
    watermark,
    known: (edge, lane, span) => judge(watermark(edge, lane, span.epoch), span),
    take(edge, lane, span, store) {
      const had = watermark(edge, lane, span.epoch)
      const known = judge(had, span)
      if (known) return known
      const stored = store(had + 1 - span.from)
      advance.run(edge.id, lane, span.epoch, span.to)
      return { kind: 'taken', watermark: span.to, stored }
    },
  }
}
