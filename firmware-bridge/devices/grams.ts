const gramsIn = { g: 1, kg: 1000, t: 1_000_000, lb: 453.59237, oz: 28.349523125 } as const
type WeightUnit = keyof typeof gramsIn

export const isWeightUnit = (unit: string): unit is WeightUnit => Object.hasOwn(gramsIn, unit)

/** To a tenth of a gram: finer than any platform that carries birds. */
export function toGrams(value: number, unit: WeightUnit): number {
  return Math.round(value * gramsIn[unit] * 10) / 10 || 0
}
