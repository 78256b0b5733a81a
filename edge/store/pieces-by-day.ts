import { DAY } from '#domain/time.ts'

type Spanning = { t_min: number; t_max: number; count: number }

/** Finds pieces by the day of UTC: a year has thousands, of which a day has a few. */
export type PiecesByDay<Head> = {
  /** Those that may hold a reading of this time, and some that do not. */
  at(t: number): Iterable<Head>
  add(head: Head): void
}

/** What spans more is looked at every time: mostly a piece is of one day. */
const MOST_DAYS = 40

export function piecesByDay<Head extends Spanning>(heads: readonly Head[]): PiecesByDay<Head> {
  const byDay = new Map<number, Head[]>()
  const wide: Head[] = []
  const add = (head: Head) => {
    if (head.count === 0) return
    const last = Math.floor(head.t_max / DAY)
    const first = Math.floor(head.t_min / DAY)
    if (last - first >= MOST_DAYS) {
      wide.push(head)
      return
    }
    for (let day = first; day <= last; day++) {
      const found = byDay.get(day)
      if (found) found.push(head)
      else byDay.set(day, [head])
    }
  }
  for (const head of heads) add(head)
  return {
    *at(t) {
      yield* byDay.get(Math.floor(t / DAY)) ?? []
      yield* wide
    },
    add,
  }
}
