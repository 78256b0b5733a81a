import { dayAfter, localDay, startOfLocalDay } from '#domain/time.ts'
import type { BirdWeight } from '#domain/weighing/flock-day.ts'
import type { ClockStep } from '../clock/edge-clock.ts'

/** The weights of one scale: of its day, and of the two days before, as three days tell a flock's spread. */
export type DayWeights = {
  /** Moves the day on to that of `t`; false for a day that is over. */
  enter(t: number): boolean
  /** Of the day that was entered. */
  add(weight: BirdWeight): void
  known(): { day: string; weights: readonly BirdWeight[]; earlier: readonly (readonly BirdWeight[])[] }
  /** What was weighed before `t` does not count any more. */
  forgetBefore(t: number): void
  /** What the clock stamped wrong goes to its true day, which the next weight enters anew. */
  step(step: ClockStep): void
}

/** As many as the systems of the trade keep; of more, each has the same chance to stay. */
const MAX_WEIGHTS = 9_999

/** `storedFrom`: what is stored of the beginning of a day and later, as far as it counts. */
export function createDayWeights(timeZone: string, storedFrom: (t: number) => BirdWeight[]): DayWeights {
  let day = ''
  let weights: BirdWeight[] = []
  let earlier: BirdWeight[][] = []
  /** Of all three days, by a corrected clock, until a day is entered. */
  let moved: BirdWeight[] = []
  /** How many weights the day had, kept or not. */
  let seen = 0

  const add = (weight: BirdWeight) => {
    seen++
    if (weights.length < MAX_WEIGHTS) weights.push(weight)
    // A stride that no habit of birds follows: cheaper than chance, and the same after a restart.
    else weights[(seen * 7919) % MAX_WEIGHTS] = weight
  }

  return {
    enter(t) {
      const next = localDay(t, timeZone)
      if (next < day) return false
      if (next === day) return true
      const [before, beforeThat] = [dayAfter(next, -1), dayAfter(next, -2)]
      const isOneOn = day === before
      const stored = storedFrom(startOfLocalDay(isOneOn ? next : beforeThat, timeZone))
      // What was moved may lie in the store already, and may not.
      const times = new Set(stored.map((weight) => weight.t))
      const all = [...stored, ...moved.filter((weight) => !times.has(weight.t))]
      const days = Map.groupBy(all, (weight) => localDay(weight.t, timeZone))
      earlier = isOneOn
        ? [...earlier.slice(-1), weights]
        : [days.get(beforeThat) ?? [], days.get(before) ?? []]
      day = next
      weights = []
      moved = []
      seen = 0
      for (const weight of days.get(day) ?? []) add(weight)
      return true
    },
    add,
    known: () => ({ day, weights, earlier }),
    forgetBefore(t) {
      const counts = (weight: BirdWeight) => weight.t >= t
      weights = weights.filter(counts)
      earlier = earlier.map((one) => one.filter(counts))
      moved = moved.filter(counts)
      seen = weights.length
    },
    step({ byMs, wrong }) {
      if (!wrong) return
      moved = [...moved, ...earlier.flat(), ...weights].map((weight) => {
        const isWrong = weight.t >= wrong.fromT && weight.t <= wrong.toT
        return isWrong ? { ...weight, t: weight.t + byMs } : weight
      })
      day = ''
      weights = []
      earlier = []
    },
  }
}
