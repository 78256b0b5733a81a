import type { EntryView, FlockView } from '#domain/api/farm.ts'
import { weightAt } from '#domain/breeds/breed-standard.ts'
import { findBreedStandard } from '#domain/breeds/breed-standards.ts'
import { targetTemperatureByAgeC } from '#domain/climate-targets.ts'
import { balance, type NewFlock } from '#domain/flock.ts'
import { ageInDays } from '#domain/time.ts'

/** A flock at an instant: its age in the house's days, its books added up, what it should weigh and have. */
export function flockView(
  flock: NewFlock,
  entries: readonly EntryView[],
  timeZone: string,
  now: number,
): FlockView {
  const ageDays = ageInDays(flock.placedOn, now, timeZone)
  const standard = findBreedStandard(flock.breed)
  const weightG = standard && weightAt(standard, ageDays, flock.sex)
  return {
    ...flock,
    ageDays,
    balance: balance(flock.placed, entries),
    targetWeightG: weightG === undefined ? null : Math.round(weightG),
    targetTemperatureC: targetTemperatureByAgeC(ageDays) ?? null,
  }
}
