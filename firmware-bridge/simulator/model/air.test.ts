import { describe, expect, it } from 'vitest'
import { type Air, type AirInput, houseFor, humidityOf, ratioAt, stepAir } from './air.ts'

const house = houseFor(20_000)
const fresh = (): Air => ({ temperatureC: 22, humidityRatio: ratioAt(22, 60), co2Ppm: 1500, nh3Ppm: 5 })
const input: AirInput = {
  weather: { temperatureC: 10, humidityPercent: 70, humidityRatio: ratioAt(10, 70) },
  flowM3PerHour: 40_000,
  heaterW: 0,
  sensibleW: 150_000,
  latentW: 120_000,
  co2M3PerHour: 50,
  nh3MgPerHour: 200_000,
}
const run = (stepMs: number, totalMs: number) => {
  const air = fresh()
  for (let t = 0; t < totalMs; t += stepMs) stepAir(air, stepMs, house, input)
  return air
}

describe('the air of a house', () => {
  it('is the same after one long step as after many short ones', () => {
    const short = run(100, 600_000)
    const long = run(600_000, 600_000)
    expect(long.temperatureC).toBeCloseTo(short.temperatureC, 6)
    expect(long.co2Ppm).toBeCloseTo(short.co2Ppm, 6)
    expect(long.nh3Ppm).toBeCloseTo(short.nh3Ppm, 6)
  })

  it('carries out in the end what birds and litter bring in', () => {
    const air = run(60_000, 48 * 3_600_000)
    const flow = input.flowM3PerHour + 0.5 * house.volumeM3
    expect(((air.co2Ppm - 420) / 1e6) * flow).toBeCloseTo(input.co2M3PerHour, 3)
    expect(air.nh3Ppm * 0.696 * flow).toBeCloseTo(input.nh3MgPerHour, 0)
    const heatOutW = (house.lossWPerK + (flow / 3600) * 1.2 * 1006) * (air.temperatureC - 10)
    expect(heatOutW).toBeCloseTo(input.sensibleW, 0)
    const waterOutKgPerHour = (air.humidityRatio - input.weather.humidityRatio) * flow * 1.2
    expect(waterOutKgPerHour * 2.43e6).toBeCloseTo(input.latentW * 1.15 * 3600, -3)
  })

  it('never holds more water than it can', () => {
    const air = fresh()
    for (let i = 0; i < 100; i++) stepAir(air, 60_000, house, { ...input, latentW: 5e6, flowM3PerHour: 1000 })
    expect(humidityOf(air)).toBeLessThanOrEqual(96.1)
  })
})
