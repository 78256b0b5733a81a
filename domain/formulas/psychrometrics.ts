import { isWithin, percentRange, type Range } from './valid-range.ts'

/** Air of a poultry house and of the yard around it, °C. */
const airTemperatureRange: Range = [-20, 60]
/** From 4,000 m of altitude to the strongest high, kPa. */
const pressureRange: Range = [60, 110]
const stullTemperatureRange: Range = [-20, 50]
const stullHumidityRange: Range = [5, 99]

export const SEA_LEVEL_KPA = 101.325

/**
 * Saturation vapour pressure over liquid water, kPa, at `airC` °C (−20 … 60). Tetens as in FAO-56 eq. 11.
 * Below 0 °C still over water, as humidity sensors are calibrated. Confidence: recalled-high.
 */
export function saturationVapourPressureKpa(airC: number): number | undefined {
  if (!isWithin(airC, airTemperatureRange)) return undefined
  return 0.6108 * Math.exp((17.27 * airC) / (airC + 237.3))
}

/** Partial pressure of the water vapour, kPa, from °C and relative humidity % (0 … 100). FAO-56, recalled-high. */
export function vapourPressureKpa(airC: number, humidityPercent: number): number | undefined {
  const saturation = saturationVapourPressureKpa(airC)
  if (saturation === undefined || !isWithin(humidityPercent, percentRange)) return undefined
  return (saturation * humidityPercent) / 100
}

/** Vapour pressure deficit, kPa: how strongly the air draws water. Ranges as above. FAO-56, recalled-high. */
export function vapourPressureDeficitKpa(airC: number, humidityPercent: number): number | undefined {
  const vapour = vapourPressureKpa(airC, humidityPercent)
  const saturation = saturationVapourPressureKpa(airC)
  if (vapour === undefined || saturation === undefined) return undefined
  return saturation - vapour
}

/**
 * Wet-bulb temperature, °C, at sea level, from °C (−20 … 50) and relative humidity % (5 … 99).
 * Stull 2011, J. Appl. Meteor. Climatol. 50:2267, who states errors of −1 … +0.65 °C. Against the energy balance
 * of ASHRAE 2017 it is off by −0.6 … +0.7 °C up to 35 °C, and reads up to 1.0 °C high in dry air of 45 °C.
 * The paper excludes air that is cold and dry at once; where the value there exceeds the air temperature by
 * more than the stated error it is withheld. Confidence: recalled-high.
 */
export function wetBulbC(airC: number, humidityPercent: number): number | undefined {
  if (!isWithin(airC, stullTemperatureRange) || !isWithin(humidityPercent, stullHumidityRange))
    return undefined
  const rh = humidityPercent
  const wetBulb =
    airC * Math.atan(0.151977 * Math.sqrt(rh + 8.313659)) +
    Math.atan(airC + rh) -
    Math.atan(rh - 1.676331) +
    0.00391838 * rh ** 1.5 * Math.atan(0.023101 * rh) -
    4.686035
  return wetBulb <= airC + 0.65 ? wetBulb : undefined
}

/**
 * Water per dry air, kg/kg, from °C, relative humidity % and air pressure kPa (60 … 110).
 * ASHRAE Fundamentals 2017, confidence: verified.
 */
export function humidityRatio(
  airC: number,
  humidityPercent: number,
  pressureKpa = SEA_LEVEL_KPA,
): number | undefined {
  const vapour = vapourPressureKpa(airC, humidityPercent)
  if (vapour === undefined || !isWithin(pressureKpa, pressureRange)) return undefined
  return (0.622 * vapour) / (pressureKpa - vapour)
}

/** Enthalpy of moist air, kJ per kg of dry air, 0 at dry air of 0 °C. Ranges as above. ASHRAE 2017, verified. */
export function enthalpyKjPerKg(
  airC: number,
  humidityPercent: number,
  pressureKpa = SEA_LEVEL_KPA,
): number | undefined {
  const ratio = humidityRatio(airC, humidityPercent, pressureKpa)
  if (ratio === undefined) return undefined
  return 1.006 * airC + ratio * (2501 + 1.86 * airC)
}
