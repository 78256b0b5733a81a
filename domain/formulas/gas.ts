import { isWithin, type Range } from './valid-range.ts'

/** Molar mass, g/mol. */
export const molarMasses = { nh3: 17.031, h2s: 34.08, co2: 44.01, co: 28.01 } as const
export type Gas = keyof typeof molarMasses

const ppmRange: Range = [0, 1e6]
const gasTemperatureRange: Range = [-40, 85]
const gasPressureRange: Range = [60, 110]

const GAS_CONSTANT = 8.314462618
const ZERO_C_IN_K = 273.15

/** State of the air in which the concentration was taken. Standards in mg/m³ mean 25 °C at sea level unless they say. */
export type AirState = { airC: number; pressureKpa: number }
const referenceAir: AirState = { airC: 25, pressureKpa: 101.325 }

/** mg/m³ of 1 ppm, by the ideal gas law: M · p / (R · T). 25 °C: NH3 0.696, H2S 1.39, CO2 1.80. Confidence: derived. */
function mgPerM3OfOnePpm(gas: Gas, { airC, pressureKpa }: AirState): number | undefined {
  if (!isWithin(airC, gasTemperatureRange) || !isWithin(pressureKpa, gasPressureRange)) return undefined
  return (molarMasses[gas] * pressureKpa) / (GAS_CONSTANT * (airC + ZERO_C_IN_K))
}

/** Volume share ppm (0 … 1,000,000) to mg/m³; air −40 … 85 °C, 60 … 110 kPa. */
export function ppmToMgPerM3(gas: Gas, ppm: number, air: AirState = referenceAir): number | undefined {
  const factor = mgPerM3OfOnePpm(gas, air)
  return factor === undefined || !isWithin(ppm, ppmRange) ? undefined : ppm * factor
}

/** mg/m³ to volume share ppm; undefined when that were more than pure gas. */
export function mgPerM3ToPpm(gas: Gas, mgPerM3: number, air: AirState = referenceAir): number | undefined {
  const factor = mgPerM3OfOnePpm(gas, air)
  if (factor === undefined) return undefined
  const ppm = mgPerM3 / factor
  return isWithin(ppm, ppmRange) ? ppm : undefined
}
