import { gapsOf, instantsOf } from '#domain/ledger.ts'
import { isMetric } from '#domain/metrics.ts'
import type { SeriesStore } from '../series/port.ts'
import type { LedgerBook } from './port.ts'

/** Stream days counted in one go, before others get their turn. */
const AT_ONCE = 50

export type Counting = {
  /** Counts what was not counted since the boxes' last words, until there is nothing left or it is closed. */
  run(): Promise<void>
  close(): void
}

/**
 * Counts the readings of a stream and day in the series store itself: not what was taken in, but what is there. That
 * is the other side of the ledger. One stream day is a small query; between two, others get their turn.
 */
export function createCounting(book: LedgerBook, series: Pick<SeriesStore, 'times'>): Counting {
  let isClosed = false
  let running: Promise<void> | undefined

  const runOnce = async () => {
    for (;;) {
      const days = await book.uncounted(AT_ONCE)
      if (days.length === 0) return
      for (const day of days) {
        if (isClosed) return
        const { metric } = day.stream
        const found = isMetric(metric)
          ? await series.times(day.farm, { ...day.stream, metric }, instantsOf(day.day))
          : { times: [] }
        await book.count(day, { inCloud: found.times.length, ...gapsOf(found.times, found.before) })
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
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
