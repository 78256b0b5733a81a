import { minimumVentilation, targetTemperatureByAgeC } from '#domain/climate-targets.ts'
import { type Air, type House, humidityOf } from './air.ts'

export type Climate = { flowM3PerHour: number; heaterW: number }

/** From minimum to all fans over so many degrees above the target. */
const FAN_BAND_C = 3
const FANS_FROM_C = 0.2
const HEATER_BELOW_C = 0.3
const HEATER_BAND_C = 1
/** A little more than the guide's least. */
const MINIMUM_FACTOR = 1.1

/** The temperature that the house's controller is set to at this age, °C. */
export function targetC(ageDays: number): number {
  return targetTemperatureByAgeC(Math.max(0, ageDays)) ?? 20.7
}

/**
 * What a house's own controller does about the air: fans by temperature, never below the birds' minimum, more
 * when it gets damp or stale; heat when it is cold. `isAtMinimum`: somebody left it at half of the minimum.
 */
export function ventilate(
  air: Air,
  house: House,
  birds: number,
  birdG: number,
  ageDays: number,
  isAtMinimum: boolean,
): Climate {
  const overC = air.temperatureC - targetC(ageDays)
  const heaterW = house.heaterW * unit((-HEATER_BELOW_C - overC) / HEATER_BAND_C)
  const minimum = MINIMUM_FACTOR * birds * (minimumVentilation(Math.max(30, birdG))?.m3PerHourPerBird ?? 0)
  if (isAtMinimum) return { flowM3PerHour: minimum / 2, heaterW }

  const byTemperature =
    minimum + unit((overC - FANS_FROM_C) / FAN_BAND_C) * (house.maxFlowM3PerHour - minimum)
  const byHumidity = minimum * (1 + unit((humidityOf(air) - 66) / 10))
  const byCo2 = minimum * (1 + unit((air.co2Ppm - 2200) / 600))
  const byNh3 = 0.35 * house.maxFlowM3PerHour * unit((air.nh3Ppm - 15) / 8)
  return { flowM3PerHour: Math.max(byTemperature, byHumidity, byCo2, byNh3), heaterW }
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, value))
}
