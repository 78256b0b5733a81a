import { metrics } from '#domain/metrics.ts'
import { type Series, seriesKey } from '#domain/reading.ts'
import { MINUTE } from '#domain/time.ts'
import { type BatchTable, batchesOf, type TableSample } from './batch-table.ts'
import { createSixHouses, readingsOfSample } from './six-houses.ts'

const STARTS_AT = Date.UTC(2026, 2, 1)

/** `forMs` of the six houses at full rate, in batches of `batchMs`. */
export function simulatedBatches(
  forMs: number,
  stretch: number,
  batchMs: number,
  onTheMinute = false,
): BatchTable[] {
  const houses = createSixHouses({ seed: 7, startsAt: STARTS_AT, stretch, onTheMinute })
  return batchesOf(samples(), ({ metric }) => metrics[metric].decimals, batchMs)

  function* samples(): Generator<TableSample> {
    const known = new Map<string, Series>()
    for (let t = STARTS_AT; t < STARTS_AT + forMs; t += MINUTE) {
      for (const { series, t: at, value } of houses.minute(t).flatMap(readingsOfSample)) {
        const key = seriesKey(series)
        const same = known.get(key) ?? series
        known.set(key, same)
        yield { series: same, t: at, value }
      }
    }
  }
}
