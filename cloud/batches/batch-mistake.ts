import type { AlarmEvent } from '#domain/alarm.ts'
import { isId, isInstant, type Reading, rejectReason } from '#domain/reading.ts'
import { columnsMistake, MAX_BATCH_READINGS, type SeriesColumns } from '#domain/sync.ts'
import type { Span } from './port.ts'

/** Longest name of a model or a person behind a series. */
const MAX_BY = 64

/** The run must be as long as what it carries, and not longer than one may be. */
export function spanMistake({ from, to }: Span, length: number): string | undefined {
  if (length > MAX_BATCH_READINGS) return `a batch holds at most ${MAX_BATCH_READINGS}, this one ${length}`
  if (to - from + 1 !== length) return `from ${from} to ${to} is not the ${length} that it carries`
  return undefined
}

/** The first house named that is not the farm's. */
export function unknownHouse(
  named: readonly { house: string }[],
  houses: ReadonlySet<string>,
): string | undefined {
  return named.find(({ house }) => !houses.has(house))?.house
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

/**
 * The first reading that the edge should not have let through, in words; and how far the reading that is furthest
 * ahead is ahead, ms, since that is no mistake of the reading but of the edge's clock.
 */
export function judgeReadings(
  readings: readonly Reading[],
  now: number,
): { mistake?: string; ahead?: { reading: Reading; ms: number } } {
  let furthest: Reading | undefined
  for (const reading of readings) {
    const { series, t, value } = reading
    const reason = rejectReason(series.metric, value, t, now)
    if (reason === 'from-the-future') {
      if (!furthest || t > furthest.t) furthest = reading
    } else if (reason) {
      return { mistake: `${series.house}/${series.device} ${series.metric} ${value} at ${t}: ${reason}` }
    }
  }
  return furthest ? { ahead: { reading: furthest, ms: furthest.t - now } } : {}
}

/**
 * An alarm that no edge makes. A time that is merely wrong, or a house that the farm has not made yet, is none:
 * better an alarm with a wrong time than a telephone that does not ring.
 */
export function alarmMistake(events: readonly AlarmEvent[]): string | undefined {
  for (const { alarm, house, t, since } of events) {
    if (house !== '' && !isId(house)) return `alarm ${alarm}: "${house}" is no id of a house`
    if (!isInstant(t) || !isInstant(since)) return `alarm ${alarm}: its times, ${since} and ${t}, cannot be`
  }
  return undefined
}
