import type { AlarmEvent } from '#domain/alarm.ts'
import { isId, type Reading, rejectReason } from '#domain/reading.ts'
import { columnsMistake, MAX_BATCH_READINGS, type SeriesColumns } from '#domain/sync.ts'
import { MAX_AHEAD_MS } from '#domain/time.ts'
import type { Span } from './port.ts'

/** Longest name of a model or a person behind a series. */
const MAX_BY = 64
const EARLIEST = Date.UTC(2020, 0, 1)

/** The run must be as long as what it carries, and not longer than one may be. */
export function spanMistake({ from, to }: Span, length: number): string | undefined {
  if (length > MAX_BATCH_READINGS) return `a batch holds at most ${MAX_BATCH_READINGS}, this one ${length}`
  if (to - from + 1 !== length) return `from ${from} to ${to} is not the ${length} that it carries`
  return undefined
}

/** The first house named that is not the farm's. An alarm of the node itself names none. */
export function unknownHouse(
  named: readonly { house: string }[],
  houses: ReadonlySet<string>,
): string | undefined {
  return named.find(({ house }) => house !== '' && !houses.has(house))?.house
}

/** What is wrong with the columns before they can be unpacked: names, lengths, order. */
export function seriesMistake(
  series: readonly SeriesColumns[],
  order: readonly number[] | undefined,
): string | undefined {
  for (const [index, { house, device, by }] of series.entries()) {
    if (house === '') return `series ${index}: it names no house`
    if (!isId(device)) return `series ${index}: "${device}" is no id of a device`
    if (by.length > MAX_BY) return `series ${index}: by is longer than ${MAX_BY}`
  }
  return columnsMistake(series, order)
}

/** The first reading that the edge should not have let through, in words. */
export function readingMistake(readings: readonly Reading[], now: number): string | undefined {
  for (const { series, t, value } of readings) {
    const reason = rejectReason(series.metric, value, t, now)
    if (reason) return `${series.house}/${series.device} ${series.metric} ${value} at ${t}: ${reason}`
  }
  return undefined
}

/** An alarm at a time that cannot be. */
export function alarmMistake(events: readonly AlarmEvent[], now: number): string | undefined {
  for (const { alarm, t, since } of events) {
    if ([t, since].some((at) => at < EARLIEST || at > now + MAX_AHEAD_MS)) {
      return `alarm ${alarm}: its times, ${since} and ${t}, cannot be`
    }
  }
  return undefined
}
