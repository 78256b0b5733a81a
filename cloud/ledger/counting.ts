import { type Gaps, gapsOf, instantsOf } from '#domain/ledger.ts'
import { isMetric } from '#domain/metrics.ts'
import type { Clock } from '#domain/time.ts'
import type { SeriesStore } from '../series/port.ts'
import type { LedgerBook, UncountedDay } from './port.ts'

/** Stream days counted in one go, before others get their turn. */
const AT_ONCE = 50
/** So many failures in a row are the store's, and not those of what is counted. */
const MOST_FAILURES = 5

export type Counting = {
  /**
   * Counts what is to be counted until there is nothing left or it is closed. A stream day that cannot be counted
   * waits for the next run; rejects with the last such failure.
   */
  run(): Promise<void>
  close(): void
}

/**
 * Counts the readings of a stream and day in the series store itself: not what was taken in, but what is there. That
 * is the other side of the ledger. One stream day is a small query; between two, others get their turn.
 */
export function createCounting(
  book: Pick<LedgerBook, 'uncounted' | 'count' | 'putOff'>,
  series: Pick<SeriesStore, 'times'>,
  clock: Pick<Clock, 'now'>,
): Counting {
  let isClosed = false
  let running: Promise<void> | undefined

  const countOf = async (row: UncountedDay): Promise<{ inCloud: number } & Gaps> => {
    const { farm, day, toldAt, stream } = row
    const { metric } = stream
    if (!isMetric(metric)) return { inCloud: 0, gaps: 0, longestGapMs: 0 }
    const { from, to } = instantsOf(day)
    const { times, before } = await series.times(farm, { ...stream, metric }, { from, to })
    const ends = { ...(before !== undefined && { before }), ...(toldAt >= to && { end: to }) }
    // Only a sensor is held to say something every minute.
    const gaps = stream.source === 'sensor' ? gapsOf(times, ends) : { gaps: 0, longestGapMs: 0 }
    return { inCloud: times.length, ...gaps }
  }

  const runOnce = async () => {
    const failed = new Map<string, unknown>()
    let inARow = 0
    for (;;) {
      const days = (await book.uncounted(AT_ONCE)).filter((row) => !failed.has(JSON.stringify(row)))
      if (days.length === 0) break
      for (const row of days) {
        if (isClosed) return
        try {
          await book.count(row, await countOf(row), clock.now())
          inARow = 0
        } catch (error) {
          failed.set(JSON.stringify(row), error)
          await book.putOff(row)
          if (++inARow === MOST_FAILURES) throw error
        }
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    if (failed.size > 0) throw [...failed.values()].at(-1)
  }
  return {
    run() {
      running ??= runOnce().finally(() => {
        running = undefined
      })
      return running
    },
    close() {
      isClosed = true
    },
  }
}
