import { wetBulbC } from './psychrometrics.ts'
import { isWithin, percentRange, type Range } from './valid-range.ts'

export type Poultry = 'broiler' | 'layer' | 'turkey'

/** A bird's own scale of heat: the words are shown, the order counts. */
export type CoreRiseState = 'normal' | 'alert' | 'danger' | 'emergency'
export type MaraiBand = 'comfort' | 'stress' | 'severe'
export type HeatIndexBand = 'normal' | 'caution' | 'danger'

/** Weight of the dry bulb; the wet bulb has the rest. Broiler: Tao & Xin 2003, verified; others recalled-high. */
const dryBulbWeights: Record<Poultry, number> = { broiler: 0.85, layer: 0.6, turkey: 0.74 }

/** Where a heat index says anything, °C. Tao & Xin measured at 35, 38 and 41 °C. */
const heatIndexRange: Range = [0, 50]
/** Air speeds over the birds behind the THVI, m/s. It is not known outside. */
const thviAirSpeedRange: Range = [0.2, 1.2]
const coreRiseRange: Range = [-10, 10]

/**
 * Temperature–humidity index, °C, from dry and wet bulb °C (0 … 50, wet not above dry by more than the
 * 0.65 °C by which Stull's wet bulb may err).
 */
export function thiC(poultry: Poultry, dryBulbC: number, wetBulbTemperatureC: number): number | undefined {
  if (!isWithin(dryBulbC, heatIndexRange)) return undefined
  if (!isWithin(wetBulbTemperatureC, [-20, dryBulbC + 0.65])) return undefined
  const dry = dryBulbWeights[poultry]
  return dry * dryBulbC + (1 - dry) * wetBulbTemperatureC
}

/** The same from air temperature °C (0 … 50) and relative humidity % (5 … 99). */
export function thiFromHumidityC(
  poultry: Poultry,
  airC: number,
  humidityPercent: number,
): number | undefined {
  const wetBulb = wetBulbC(airC, humidityPercent)
  return wetBulb === undefined ? undefined : thiC(poultry, airC, wetBulb)
}

/**
 * Temperature–humidity–velocity index of broilers, °C: THI · V^−0.058, V 0.2 … 1.2 m/s over the birds.
 * Tao & Xin 2003, Trans. ASAE 46:491; market-size broilers (46 d, 2.8 kg). Confidence: verified.
 */
export function thviC(thi: number, airSpeedMs: number): number | undefined {
  if (!isWithin(thi, heatIndexRange) || !isWithin(airSpeedMs, thviAirSpeedRange)) return undefined
  return thi * airSpeedMs ** -0.058
}

/** State by the rise of the core temperature, °C over normal: ≤ 1.0, ≤ 2.5, ≤ 4.0, above. Tao & Xin 2003, verified. */
export function coreRiseState(riseC: number): CoreRiseState | undefined {
  if (!isWithin(riseC, coreRiseRange)) return undefined
  if (riseC <= 1) return 'normal'
  if (riseC <= 2.5) return 'alert'
  return riseC <= 4 ? 'danger' : 'emergency'
}

/** Marai's index, °C, from air °C (0 … 50) and relative humidity % (0 … 100). Confidence: verified. */
export function maraiThiC(airC: number, humidityPercent: number): number | undefined {
  if (!isWithin(airC, heatIndexRange) || !isWithin(humidityPercent, percentRange)) return undefined
  return airC - (0.31 - (0.31 * humidityPercent) / 100) * (airC - 14.4)
}

/** Below 26 comfort, 26 … 29 stress, above severe. Duduyemi & Oseni 2012 (broilers), confidence: secondhand. */
export function maraiBand(thi: number): MaraiBand | undefined {
  if (!isWithin(thi, heatIndexRange)) return undefined
  if (thi < 26) return 'comfort'
  return thi <= 29 ? 'stress' : 'severe'
}

/** °F + % relative humidity, the rule of thumb of US extension and Cobb. Air °C (0 … 50). recalled-medium. */
export function fahrenheitHumidityIndex(airC: number, humidityPercent: number): number | undefined {
  if (!isWithin(airC, heatIndexRange) || !isWithin(humidityPercent, percentRange)) return undefined
  return airC * 1.8 + 32 + humidityPercent
}

/** Guides place caution at 155–160 and danger at 165–170; the defaults are the careful ends. recalled-medium. */
export function fahrenheitHumidityBand(
  index: number,
  limits = { caution: 155, danger: 165 },
): HeatIndexBand | undefined {
  if (!isWithin(index, [32, 222])) return undefined
  if (index > limits.danger) return 'danger'
  return index > limits.caution ? 'caution' : 'normal'
}
