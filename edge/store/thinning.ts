import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Mark, SeriesRun } from '#domain/columns/runs.ts'
import { isMetric, metrics } from '#domain/metrics.ts'
import { DAY, HOUR } from '#domain/time.ts'
import type { Database } from '#sqlite-file/database.ts'
import type { Hours } from './hours.ts'
import { numbersOf } from './piece-head.ts'
import { packSealed } from './sealed-body.ts'
import type { SealedHead, SealedPieces } from './sealed-pieces.ts'
import type { SeriesBook } from './series-book.ts'

/** Single readings of a stream and day that made room, and the means of an hour that stand for them. */
export type Thinned = { series: number; thinned: number; replaced: number }

export type Thinning = {
  /**
   * Makes room by one piece. False where nothing is left to thin. First go the oldest pieces that the cloud has; then,
   * of those it has not, single readings become means of an hour, which are sent in their place. What people entered
   * stays as it is, and so does what the cloud refused.
   */
  thinOldest(): Promise<boolean>
  /** What was never sent and will not be, by day since 1970 (UTC). */
  thinnedOn(day: number): Thinned[]
}

export type ThinningDeps = {
  database: Database
  book: SeriesBook
  sealed: SealedPieces
  hours: Pick<Hours, 'keepUpto'>
  /** Single readings that were not sent are gone. */
  onThinned(readings: number): void
  /** What the cloud has acknowledged. */
  watermark(): number
  /** Changes when pieces are not what they were. */
  version(): number
  /** Pieces are not what they were: reads all that is kept in memory of them. */
  reload(): void
}

export function openThinning(deps: ThinningDeps): Thinning {
  const { database, book, sealed, hours, onThinned, watermark, version, reload } = deps
  const remove = database.prepare('DELETE FROM sealed WHERE first = ?')
  const replace = database.prepare(
    'UPDATE sealed SET count = ?, thinned = thinned + ?, t_min = ?, t_max = ?, shift_ms = 0, body = ? WHERE first = ?',
  )
  const note = database.prepare(`INSERT INTO thinned (day, series, thinned, replaced) VALUES (?, ?, ?, ?)
    ON CONFLICT (day, series) DO UPDATE SET thinned = thinned + excluded.thinned, replaced = replaced + excluded.replaced`)
  const thinnedOn = database.prepare('SELECT series, thinned, replaced FROM thinned WHERE day = ?')

  const oldest = (): SealedHead | undefined => {
    const acknowledged = watermark()
    const isTaken = ({ batch_last }: SealedHead) => batch_last <= acknowledged
    // Each reading of a piece that was moved says which one of the cloud is wrong: a mean would leave the others there.
    const isRaw = (head: SealedHead) =>
      head.thinned === 0 &&
      head.aside === null &&
      head.again_ms === null &&
      (head.moved_by_ms === 0 || isTaken(head))
    // The newest stays: the next number follows it.
    const raw = sealed.heads().slice(0, -1).filter(isRaw)
    return raw.find(isTaken) ?? raw[0]
  }

  const putReplaced = (head: SealedHead, runs: readonly SeriesRun[], body: Uint8Array) => {
    const count = countOf(runs)
    const first = runs.reduce((low, { t }) => Math.min(low, t[0] as number), Number.MAX_SAFE_INTEGER)
    const last = runs.reduce((high, { t }) => Math.max(high, t.at(-1) as number), 0)
    // The times are right now: what the clock was wrong by is in them.
    replace.run(
      count,
      numbersOf(head) - head.damaged - count,
      count === 0 ? 0 : first,
      last,
      body,
      head.first,
    )
  }

  return {
    async thinOldest() {
      const head = oldest()
      if (!head) return false
      const before = version()
      const isAcknowledged = head.batch_last <= watermark()
      const runs = head.withdrawn ? [] : (sealed.runs(head) ?? [])
      const entered = runs.filter(({ series }) => series.source === 'person')
      const others = runs.filter(({ series }) => series.source !== 'person')
      const means = isAcknowledged ? [] : others.map(meansOfHours)
      const kept = [...entered, ...means]
      const body = kept.length > 0 ? await packSealed(kept) : undefined
      await nextTurn()
      if (version() !== before) return true
      database.transaction(() => {
        if (!isAcknowledged) {
          others.forEach((run, index) => {
            const { id } = book.of(run.series)
            const replaced = countByDay(means[index]?.t ?? [])
            for (const [day, count] of countByDay(run.t)) note.run(day, id, count, replaced.get(day) ?? 0)
          })
        }
        // What was withdrawn counts in no hour, and its time was wrong.
        if (!head.withdrawn) hours.keepUpto(head.t_max)
        if (body) putReplaced(head, kept, body)
        else remove.run(head.first)
      })
      reload()
      if (!isAcknowledged) onThinned(head.count - countOf(kept))
      return true
    },
    thinnedOn: (day) => thinnedOn.all(day) as unknown as Thinned[],
  }
}

function countOf(runs: readonly SeriesRun[]): number {
  return runs.reduce((sum, { t }) => sum + t.length, 0)
}

function countByDay(t: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const time of t) {
    const day = Math.floor(time / DAY)
    counts.set(day, (counts.get(day) ?? 0) + 1)
  }
  return counts
}

/**
 * One reading for each hour of UTC, at the time of the hour's last: that time is the run's own, so it is no other
 * reading's. A gauge becomes its mean, a counter and a state keep their last, what is counted up is added up. It says
 * of how many readings it is made, and between which they lay.
 */
export function meansOfHours({ series, t, v }: SeriesRun): SeriesRun {
  const kind = isMetric(series.metric) ? metrics[series.metric].aggregate : 'last'
  const units = isMetric(series.metric) ? 10 ** metrics[series.metric].decimals : 1
  const means: SeriesRun & { marks: Map<number, Mark> } = { series, t: [], v: [], marks: new Map() }
  for (let start = 0; start < t.length; ) {
    const hour = Math.floor((t[start] as number) / HOUR)
    let end = start
    while (end < t.length && Math.floor((t[end] as number) / HOUR) === hour) end++
    const values = v.slice(start, end)
    const sum = values.reduce((total, value) => total + value, 0)
    const value =
      kind === 'mean' ? Math.round(sum / values.length) : kind === 'sum' ? sum : (values.at(-1) as number)
    const detail = { n: values.length, low: Math.min(...values) / units, high: Math.max(...values) / units }
    means.marks.set(means.t.length, { quality: 'estimated', detail })
    means.t.push(t[end - 1] as number)
    means.v.push(value)
    start = end
  }
  return means
}
