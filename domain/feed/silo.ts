import { MINUTE } from '../time.ts'

/**
 * A silo on load cells: its weight over time, told apart into what was eaten, what was filled in and what nobody
 * can have eaten. Pure; feed it readings in the order of their times.
 *
 * Wind and warmth move the weight up and down by some kilograms. The level therefore follows the median of the
 * last readings, and only downwards: what it loses was eaten. A rise counts as a refill once it is larger than
 * noise can be and has lasted. A fall faster than an auger can carry was taken out, or the sensor is broken: it
 * moves the level when it has lasted, and feeds no bird.
 */
export type Silo = {
  levelKg: number
  eatenKg: number
  addedKg: number
  lastT: number
  /** The last few readings, for the median. */
  recent: readonly number[]
  /** A level elsewhere, and since when. */
  elsewhere?: { kg: number; since: number }
}

const RECENT = 5
/** Below this a rise is wind, dew or a man on the ladder. */
const REFILL_KG = 100
const REFILL_LASTS_MS = 5 * MINUTE
/** More than the largest house's augers carry. */
const MOST_EATEN_KG_PER_MINUTE = 60
const FALL_LASTS_MS = 30 * MINUTE

export const newSilo = (t: number, kg: number): Silo => ({
  levelKg: kg,
  eatenKg: 0,
  addedKg: 0,
  lastT: t,
  recent: [kg],
})

export function weighSilo(silo: Silo, t: number, kg: number): Silo {
  if (t <= silo.lastT) return silo
  const recent = [...silo.recent, kg].slice(-RECENT)
  const now = median(recent)
  const next: Silo = { ...silo, recent, lastT: t }
  const change = now - silo.levelKg
  const eatable = (MOST_EATEN_KG_PER_MINUTE * (t - silo.lastT)) / MINUTE + MOST_EATEN_KG_PER_MINUTE
  if (change > REFILL_KG)
    return settle(next, t, now, REFILL_LASTS_MS, (kg) => ({ addedKg: silo.addedKg + kg }))
  if (-change > eatable) return settle(next, t, now, FALL_LASTS_MS, () => ({}))
  const { elsewhere: _, ...here } = next
  return change < 0 ? { ...here, levelKg: now, eatenKg: silo.eatenKg - change } : here
}

/** The same silo by a clock that is ahead by so much. */
export function shiftSilo(silo: Silo, byMs: number): Silo {
  const { elsewhere } = silo
  return {
    ...silo,
    lastT: silo.lastT + byMs,
    ...(elsewhere && { elsewhere: { ...elsewhere, since: elsewhere.since + byMs } }),
  }
}

/** A level that has stayed elsewhere for so long is the level. */
function settle(
  silo: Silo,
  t: number,
  kg: number,
  lastsMs: number,
  count: (changeKg: number) => Partial<Silo>,
): Silo {
  const since =
    silo.elsewhere && Math.sign(silo.elsewhere.kg - silo.levelKg) === Math.sign(kg - silo.levelKg)
      ? silo.elsewhere.since
      : t
  if (t - since < lastsMs) return { ...silo, elsewhere: { kg, since } }
  const { elsewhere: _, ...here } = silo
  return { ...here, ...count(kg - silo.levelKg), levelKg: kg }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
