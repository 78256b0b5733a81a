import { type Sex, weightAt } from '../breeds/breed-standard.ts'
import { findBreedStandard } from '../breeds/breed-standards.ts'

/**
 * What a bird of a flock weighs at an age by its breed's table, g; the table is held at its ends by half a day, and
 * as hatched stands in for a sex that has none. Undefined for a breed without a table.
 */
export function flockCurveG(
  { breed, sex }: { breed: string; sex: Sex },
  ageDays: number,
): number | undefined {
  const standard = findBreedStandard(breed)
  if (!standard) return undefined
  const at = (age: number) => weightAt(standard, age, sex) ?? weightAt(standard, age)
  return at(ageDays) ?? at(ageDays - 0.5)
}
