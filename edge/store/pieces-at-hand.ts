import type { SeriesRun } from '#domain/columns/runs.ts'
import type { SeriesBook } from './series-book.ts'

export type TimesAndValues = { t: readonly number[]; v: readonly number[] }

/** Pieces as they were last unpacked: what comes late is looked for in the same few again and again. */
export type PiecesAtHand<Head> = {
  of(head: Head): ReadonlyMap<number, TimesAndValues>
  /** Reads at most so many of these that are not at hand. True when they all are. */
  take(heads: readonly Head[], most: number): boolean
  /** False where a series is certainly not in it: that is remembered of every piece that was ever read. */
  mayHold(head: Head, id: number): boolean
  /** Pieces are not what they were. */
  clear(): void
}

/** A day of six houses at full rate, some 10 MB. */
const READINGS_AT_HAND = 600_000
/** A piece takes some room even when it holds little. */
const OVERHEAD = 500

export function createPiecesAtHand<Head extends { first: number }>(
  book: Pick<SeriesBook, 'find'>,
  read: (head: Head) => readonly SeriesRun[],
): PiecesAtHand<Head> {
  /** The one that was needed last stands last. */
  const atHand = new Map<number, { runs: Map<number, TimesAndValues>; cost: number }>()
  /** One bit for each series. */
  const idsOf = new Map<number, Uint8Array>()
  let cost = 0

  const unpack = (head: Head): Map<number, TimesAndValues> => {
    const runs = new Map<number, TimesAndValues>()
    let readings = 0
    // What a device measures it mostly measures at once: such times are kept once.
    let before: readonly number[] = []
    for (const { series, t, v } of read(head)) {
      const id = book.find(series)?.id
      if (id === undefined) continue
      if (t.length !== before.length || !t.every((time, index) => time === before[index])) before = t
      runs.set(id, { t: before, v })
      readings += t.length
    }
    idsOf.set(head.first, bitsOf([...runs.keys()]))
    atHand.set(head.first, { runs, cost: readings + OVERHEAD })
    cost += readings + OVERHEAD
    for (const [oldest, { cost: freed }] of atHand) {
      if (cost <= READINGS_AT_HAND || atHand.size === 1) break
      atHand.delete(oldest)
      cost -= freed
    }
    return runs
  }

  return {
    of(head) {
      const known = atHand.get(head.first)
      if (!known) return unpack(head)
      atHand.delete(head.first)
      atHand.set(head.first, known)
      return known.runs
    },
    take(heads, most) {
      const missing = heads.filter(({ first }) => !atHand.has(first))
      for (const head of missing.slice(0, most)) unpack(head)
      return missing.length <= most
    },
    mayHold({ first }, id) {
      const bits = idsOf.get(first)
      return !bits || ((bits[id >> 3] ?? 0) & (1 << (id & 7))) !== 0
    },
    clear() {
      atHand.clear()
      idsOf.clear()
      cost = 0
    },
  }
}

function bitsOf(ids: readonly number[]): Uint8Array {
  const highest = ids.reduce((high, id) => Math.max(high, id), 0)
  const bits = new Uint8Array((highest >> 3) + 1)
  for (const id of ids) bits[id >> 3] = (bits[id >> 3] as number) | (1 << (id & 7))
  return bits
}
