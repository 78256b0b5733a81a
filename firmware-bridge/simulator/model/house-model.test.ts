import { describe, expect, it } from 'vitest'
import { type BreedStandard, cumulativeFeedAt, weightAt } from '#domain/breeds/breed-standard.ts'
import { breedStandards } from '#domain/breeds/breed-standards.ts'
import { ross308 } from '#domain/breeds/data/ross-308.ts'
import { DAY, HOUR, MINUTE } from '#domain/time.ts'
import { createHouseModel, type HouseModel, type HouseOptions } from './house-model.ts'
import { type Climate, createWeather, spring, summer } from './weather.ts'

const placedOn = '2026-04-01'
const placedAt = Date.parse('2026-04-01T00:00:00+08:00')
const BIRDS = 20_000

/** A house that stands at 14:00 local of this day of age. */
const houseAt = (
  ageDays: number,
  changes: Partial<HouseOptions> = {},
  climate: Climate = spring,
): HouseModel =>
  createHouseModel({
    id: 'h1',
    seed: 7,
    standard: ross308,
    placedOn,
    birds: BIRDS,
    timeZone: 'Asia/Shanghai',
    weather: createWeather(7, climate),
    startsAt: placedAt + ageDays * DAY + 14 * HOUR,
    ...changes,
  })
const max = (values: Iterable<number>) =>
  [...values].reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)

describe('determinism', () => {
  const trace = (house: HouseModel) =>
    Array.from({ length: 20 }, () => {
      house.step(30_000)
      return [house.truth(), house.measure(), house.weigh(), [...house.look(500).centiC]]
    })

  it('gives the same house for the same options', () => {
    expect(trace(houseAt(20))).toEqual(trace(houseAt(20)))
  })

  it('gives another house for another seed or id', () => {
    expect(trace(houseAt(20))).not.toEqual(trace(houseAt(20, { seed: 8 })))
    expect(trace(houseAt(20))).not.toEqual(trace(houseAt(20, { id: 'h2' })))
  })

  it('does not depend on how often scale, picture and sensors are read', () => {
    const quiet = houseAt(20)
    const watched = houseAt(20)
    for (let i = 0; i < 60; i++) {
      quiet.step(MINUTE)
      watched.step(MINUTE)
      for (let n = 0; n < 20; n++) watched.weigh()
      watched.look(500)
      watched.measure()
    }
    const { birds: a, ...rest } = quiet.truth()
    const { birds: b, ...others } = watched.truth()
    expect(others).toEqual(rest)
    expect(b.alive).toBe(a.alive)
  })
})

describe.each(breedStandards.map((standard): [string, BreedStandard] => [standard.id, standard]))(
  '%s',
  (_, standard) => {
    it('grows, eats and drinks along its curve and dies at a normal rate', () => {
      const house = houseAt(1, { standard })
      const before = house.truth()
      house.step(27 * DAY)
      const after = house.truth()
      const curve = weightAt(standard, after.ageDays) ?? Number.NaN
      expect(Math.abs(after.birds.meanWeightG / curve - 1)).toBeLessThan(0.04)

      const fedKg = after.meters.feedKg - before.meters.feedKg
      const tableKg =
        (((cumulativeFeedAt(standard, after.ageDays) ?? Number.NaN) -
          (cumulativeFeedAt(standard, before.ageDays) ?? 0)) /
          1000) *
        ((before.birds.alive + after.birds.alive) / 2)
      expect(Math.abs(fedKg / tableKg - 1)).toBeLessThan(0.06)

      const waterToFeed = (after.meters.waterL - before.meters.waterL) / fedKg
      expect(waterToFeed).toBeGreaterThan(1.7)
      expect(waterToFeed).toBeLessThan(2.6)

      const lost = 1 - after.birds.alive / BIRDS
      expect(lost).toBeGreaterThan(0.008)
      expect(lost).toBeLessThan(0.04)
      const buried = Object.values(after.deathsByDay).reduce((sum, died) => sum + died, 0)
      expect(buried).toBe(BIRDS - after.birds.alive)
    })
  },
)

describe('a house with its fans', () => {
  it('drinks some 5 m³ a day at 1.5 kg', () => {
    const house = houseAt(27)
    const start = house.truth().meters.waterL
    house.step(DAY)
    const drunkL = house.truth().meters.waterL - start
    expect(drunkL).toBeGreaterThan(4000)
    expect(drunkL).toBeLessThan(8000)
  })

  it('is empty before the placement and heated at it', () => {
    const house = houseAt(-2)
    expect(house.truth().birds.alive).toBe(0)
    expect(Math.abs(house.truth().air.temperatureC - 30.8)).toBeLessThan(1.5)
    house.step(3 * DAY)
    expect(house.truth().birds.alive).toBeGreaterThan(BIRDS * 0.99)
  })

  it('eats little in the dark', () => {
    const house = houseAt(20, { startsAt: placedAt + 20 * DAY + 2 * HOUR })
    const eaten = (ms: number) => {
      const before = house.truth().meters.feedKg
      house.step(ms)
      return house.truth().meters.feedKg - before
    }
    const inTheDark = eaten(HOUR)
    house.step(7 * HOUR)
    expect(eaten(HOUR)).toBeGreaterThan(8 * inTheDark)
  })
})

describe('faults', () => {
  const perMinute = (house: HouseModel, minutes: number) => {
    const before = house.truth().air.temperatureC
    house.step(minutes * MINUTE)
    return (house.truth().air.temperatureC - before) / minutes
  }

  it('fan-failure: 2 kg birds warm a mild house by ½ to 1 °C a minute, and the fans cool it again', () => {
    const house = houseAt(32)
    expect(house.measure().relay['fan.running']).toBe(1)
    house.setFault('fan-failure', true)
    const rise = perMinute(house, 5)
    expect(rise).toBeGreaterThan(0.5)
    expect(rise).toBeLessThan(1)
    expect(house.measure().relay['fan.running']).toBe(0)
    house.setFault('fan-failure', false)
    house.step(15 * MINUTE)
    expect(Math.abs(house.truth().air.temperatureC - house.truth().air.targetC)).toBeLessThan(1.5)
  })

  it('fan-failure in summer kills', () => {
    const house = houseAt(34, {}, summer)
    const before = house.truth().birds.alive
    house.setFault('fan-failure', true)
    house.step(2 * HOUR)
    expect(house.truth().air.temperatureC).toBeGreaterThan(36)
    expect(house.truth().air.temperatureC).toBeLessThan(42)
    expect(before - house.truth().birds.alive).toBeGreaterThan(50)
  })

  it('fan-failure: the emergency fan slows it', () => {
    const without = houseAt(32)
    const withFan = houseAt(32)
    withFan.setEmergencyFan(true)
    for (const house of [without, withFan]) house.setFault('fan-failure', true)
    expect(perMinute(withFan, 10)).toBeLessThan(0.9 * perMinute(without, 10))
  })

  it('ammonia: above 35 ppm within two minutes, back below 15 within ten', () => {
    const house = houseAt(24)
    expect(house.truth().air.nh3Ppm).toBeLessThan(10)
    house.setFault('ammonia', true)
    house.step(2 * MINUTE)
    expect(house.measure().nh3['air.nh3']).toBeGreaterThan(35)
    house.setFault('ammonia', false)
    house.step(10 * MINUTE)
    expect(house.truth().air.nh3Ppm).toBeLessThan(15)
  })

  it('stuck-sensor: the louver shield repeats itself while the air goes on', () => {
    const house = houseAt(24)
    house.setFault('stuck-sensor', true)
    const stuck = house.measure().air
    house.setFault('fan-failure', true)
    house.step(5 * MINUTE)
    expect(house.measure().air).toEqual(stuck)
    expect(house.measure().zigbee['air.temperature']).toBeGreaterThan((stuck['air.temperature'] ?? 0) + 1)
    house.setFault('stuck-sensor', false)
    expect(house.measure().air).not.toEqual(stuck)
  })

  it('sick-birds: hotter heads, less water, more dead', () => {
    const healthy = houseAt(24)
    const sick = houseAt(24)
    sick.setFault('sick-birds', true)
    const hottest = (house: HouseModel) => {
      let sum = 0
      for (let i = 0; i < 30; i++) sum += max(house.look(10_000).centiC) / 100
      return sum / 30
    }
    for (const house of [healthy, sick]) house.step(DAY)
    expect(hottest(sick)).toBeGreaterThan(hottest(healthy) + 1)
    expect(sick.truth().birds.alive).toBeLessThan(healthy.truth().birds.alive - 50)
    const drunk = [sick, healthy].map((house) => {
      const before = house.truth().meters.waterL
      house.step(DAY)
      return house.truth().meters.waterL - before
    })
    expect(drunk[0]).toBeLessThan(0.75 * (drunk[1] ?? 0))
  })

  it('power-cut: no fans, no lamps, no pump, and a contact that says so', () => {
    const house = houseAt(24)
    house.setFault('power-cut', true)
    const before = house.truth()
    house.step(5 * MINUTE)
    const { relay, air } = house.measure()
    expect(relay).toEqual({ 'fan.running': 0, 'power.mains': 0 })
    expect(air.light).toBe(0)
    expect(house.truth().air.temperatureC).toBeGreaterThan(before.air.temperatureC + 2)
    expect(house.truth().meters.waterL - before.meters.waterL).toBeLessThan(3)
  })
})
