import { humidityRatio, saturationVapourPressureKpa } from '#domain/formulas/psychrometrics.ts'
import { DAY, MINUTE } from '#domain/time.ts'
import { createRandom } from '../random.ts'

export type Climate = {
  /** Mean of the season, °C. */
  meanC: number
  /** Half of the difference between afternoon and dawn, °C. */
  swingC: number
  /** How far the dew point lies below the mean temperature, °C. */
  dryC: number
}

/** A mild spring: broilers need some heat by night and some air by day. */
export const spring: Climate = { meanC: 12, swingC: 4, dryC: 8 }
export const summer: Climate = { meanC: 26, swingC: 5, dryC: 8 }

export type Weather = {
  temperatureC: number
  humidityPercent: number
  /** Water per dry air, kg/kg. */
  humidityRatio: number
}

/** Swings beside the day: fronts that pass in days, clouds that pass in minutes. */
const waves = [
  { periodMs: 11.3 * DAY, amplitudeC: 1.1 },
  { periodMs: 5.1 * DAY, amplitudeC: 1.0 },
  { periodMs: 2.7 * DAY, amplitudeC: 0.7 },
  { periodMs: 97 * MINUTE, amplitudeC: 0.15 },
  { periodMs: 23 * MINUTE, amplitudeC: 0.1 },
]
const WARMEST_HOUR = 15

/** The weather of a farm: a function of time alone, so that any moment can be asked in any order. */
export function createWeather(seed: number, climate: Climate): (t: number, hour: number) => Weather {
  const random = createRandom(seed, 'weather')
  const phases = waves.map(() => random.between(0, 2 * Math.PI))
  const dewPhase = random.between(0, 2 * Math.PI)
  return (t, hour) => {
    let temperatureC = climate.meanC + climate.swingC * Math.cos(((hour - WARMEST_HOUR) / 24) * 2 * Math.PI)
    let frontC = 0
    waves.forEach(({ periodMs, amplitudeC }, index) => {
      const partC = amplitudeC * Math.sin((t / periodMs) * 2 * Math.PI + (phases[index] ?? 0))
      temperatureC += partC
      if (periodMs > DAY) frontC += partC
    })
    const dewPointC =
      climate.meanC - climate.dryC + 0.6 * frontC + 0.8 * Math.sin((t / (3.9 * DAY)) * 2 * Math.PI + dewPhase)
    const humidityPercent = Math.min(
      98,
      Math.max(15, (100 * saturation(dewPointC)) / saturation(temperatureC)),
    )
    return {
      temperatureC,
      humidityPercent,
      humidityRatio: humidityRatio(temperatureC, humidityPercent) ?? 0.006,
    }
  }
}

/** Saturation vapour pressure, kPa; held at the ends of the formula's range. */
export function saturation(airC: number): number {
  return saturationVapourPressureKpa(Math.min(60, Math.max(-20, airC))) ?? 1
}
