import { saturation, type Weather } from './weather.ts'

/**
 * The air of a house as one well-mixed volume: birds and heater warm it, birds and litter wet it, fans change
 * it. Each step solves its linear balance exactly, so that a long step is as stable as a short one.
 */
export type Air = {
  temperatureC: number
  /** Water per dry air, kg/kg. */
  humidityRatio: number
  co2Ppm: number
  nh3Ppm: number
}

export type House = {
  volumeM3: number
  /** Heat lost through walls and roof, W/K. */
  lossWPerK: number
  /** What warms up with the air within minutes: air, surfaces, birds' coats. J/K. */
  heatCapacity: number
  /** All fans together, m³/h. */
  maxFlowM3PerHour: number
  heaterW: number
}

const BIRDS_PER_M2 = 15.5
const HEIGHT_M = 3.2
const ENVELOPE_PER_FLOOR = 1.5
const ENVELOPE_W_PER_M2_K = 0.5
const DENSITY = 1.2
const AIR_J_PER_KG_K = 1006
/** What stands around the air takes part: fans that stop then warm 2 kg birds by ½ … 1 °C a minute. */
const THERMAL_MASS = 2
const KPA = 101.325
const J_PER_KG_WATER = 2.43e6
const LITTER_EVAPORATION = 0.15
const OUTSIDE_CO2_PPM = 420
const NH3_MG_PER_M3_PER_PPM = 0.696
/** Air that comes through cracks with every fan off, changes an hour. */
const LEAK_PER_HOUR = 0.5
/** Most that air at a house's surfaces holds before it drips, %. */
const DRIPPING_PERCENT = 96

export function houseFor(birds: number): House {
  const areaM2 = birds / BIRDS_PER_M2
  const volumeM3 = areaM2 * HEIGHT_M
  return {
    volumeM3,
    lossWPerK: areaM2 * ENVELOPE_PER_FLOOR * ENVELOPE_W_PER_M2_K,
    heatCapacity: volumeM3 * DENSITY * AIR_J_PER_KG_K * THERMAL_MASS,
    maxFlowM3PerHour: birds * 11,
    heaterW: birds * 10,
  }
}

export type AirInput = {
  weather: Weather
  flowM3PerHour: number
  heaterW: number
  sensibleW: number
  latentW: number
  co2M3PerHour: number
  nh3MgPerHour: number
  /** A story told fast: ammonia goes to this level whatever the litter and the fans do. */
  surge?: { ppm: number; tauMs: number } | undefined
}

export function stepAir(air: Air, dtMs: number, house: House, input: AirInput): void {
  const seconds = dtMs / 1000
  const { weather } = input
  const flow = input.flowM3PerHour + LEAK_PER_HOUR * house.volumeM3

  const lossWPerK = house.lossWPerK + (flow / 3600) * DENSITY * AIR_J_PER_KG_K
  const endC = weather.temperatureC + (input.sensibleW + input.heaterW) / lossWPerK
  air.temperatureC = relax(air.temperatureC, endC, (lossWPerK / house.heatCapacity) * seconds)

  const changes = (flow / 3600 / house.volumeM3) * seconds
  const wateringKgPerHour = ((input.latentW * (1 + LITTER_EVAPORATION)) / J_PER_KG_WATER) * 3600
  const endRatio = weather.humidityRatio + wateringKgPerHour / (flow * DENSITY)
  air.humidityRatio = relax(air.humidityRatio, endRatio, changes)
  air.humidityRatio = Math.min(air.humidityRatio, ratioAt(air.temperatureC, DRIPPING_PERCENT))

  air.co2Ppm = relax(air.co2Ppm, OUTSIDE_CO2_PPM + (input.co2M3PerHour / flow) * 1e6, changes)
  air.nh3Ppm = input.surge
    ? relax(air.nh3Ppm, input.surge.ppm, dtMs / input.surge.tauMs)
    : relax(air.nh3Ppm, input.nh3MgPerHour / flow / NH3_MG_PER_M3_PER_PPM, changes)
}

/** Moves towards an end value; `times` is the step in units of the time constant. */
function relax(value: number, end: number, times: number): number {
  return end + (value - end) * Math.exp(-times)
}

export function ratioAt(airC: number, humidityPercent: number): number {
  const vapour = (saturation(airC) * humidityPercent) / 100
  return (0.622 * vapour) / (KPA - vapour)
}

export function humidityOf({ temperatureC, humidityRatio }: Air): number {
  const vapour = (humidityRatio * KPA) / (0.622 + humidityRatio)
  return Math.min(100, (100 * vapour) / saturation(temperatureC))
}

/**
 * Ammonia that the litter gives off, mg/h per bird: new litter hardly any, then in step with the birds, so
 * that a house at its minimum ventilation stands below 10 ppm.
 */
export function litterNh3MgPerHour(birdG: number, ageDays: number): number {
  return 5.5 * (birdG / 1000) * Math.min(1, 0.3 + ageDays / 15)
}
