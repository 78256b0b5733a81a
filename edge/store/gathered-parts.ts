import { DAY } from '#domain/time.ts'
import type { Arrival } from './fresh-body.ts'
import { type GatheredRuns, gatherRuns } from './gathered-runs.ts'
import type { PieceHead } from './piece-head.ts'

type Clock = Pick<PieceHead, 'boot' | 'offset_ms'>

/** Readings of one clock and, mostly, one day of UTC. */
export type Part = { clock: Clock; day: number; gathered: GatheredRuns }

/** Sorts what is to be sealed into the pieces it becomes. */
export type GatheredParts = {
  add(clock: Clock, arrivals: readonly Arrival[]): void
  /** Of each clock from the oldest day on. */
  parts(): Part[]
}

/** A sender with a backlog of months may bring a few readings of each day: then those few go together. */
const MANY_PARTS = 24
const FEW_READINGS = 400

export function gatherParts(): GatheredParts {
  const byClock = new Map<string, Map<number, Part>>()
  return {
    add(clock, arrivals) {
      const key = `${clock.boot} ${clock.offset_ms}`
      const byDay = byClock.get(key) ?? new Map<number, Part>()
      byClock.set(key, byDay)
      for (const [day, ofDay] of sortByDay(arrivals)) {
        const part = byDay.get(day) ?? { clock, day, gathered: gatherRuns() }
        byDay.set(day, part)
        part.gathered.add(ofDay)
      }
    },
    parts: () =>
      [...byClock.values()].flatMap((byDay) => {
        const parts = [...byDay.values()]
        return (parts.length > MANY_PARTS ? joinFew(parts) : parts).sort((a, b) => a.day - b.day)
      }),
  }
}

function sortByDay(arrivals: readonly Arrival[]): Map<number, Arrival[]> {
  const byDay = new Map<number, Arrival[]>()
  for (const arrival of arrivals) {
    const day = Math.floor(arrival.t / DAY)
    const ofDay = byDay.get(day)
    if (ofDay) ofDay.push(arrival)
    else byDay.set(day, [arrival])
  }
  return byDay
}

function joinFew(parts: readonly Part[]): Part[] {
  const isFew = ({ gathered }: Part) => gathered.count() < FEW_READINGS
  const [first, ...others] = parts.filter(isFew).sort((a, b) => a.day - b.day)
  for (const { gathered } of others) first?.gathered.join(gathered)
  return [...(first ? [first] : []), ...parts.filter((part) => part !== first && !others.includes(part))]
}
