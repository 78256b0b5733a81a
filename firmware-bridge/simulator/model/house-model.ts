import type { BreedStandard } from '#domain/breeds/breed-standard.ts'
import { type MetricId, roundFor } from '#domain/metrics.ts'
import { DAY, HOUR, localDay, startOfLocalDay } from '#domain/time.ts'
import type { HouseFault } from '../fault.ts'
import { createRandom } from '../random.ts'
import { type Air, houseFor, humidityOf, litterNh3MgPerHour, ratioAt, stepAir } from './air.ts'
import { curveWeightG, deathRatePerDay, metabolism, placeBirds, stepBirds } from './birds.ts'
import { lightAt } from './light-program.ts'
import { createLocalClock } from './local-clock.ts'
import { createScalePlatform, SAMPLE_MS } from './scale-platform.ts'
import { createThermalPicture } from './thermal-picture.ts'
import { targetC, ventilate } from './ventilation.ts'
import type { Weather } from './weather.ts'

export type HouseOptions = {
  id: string
  seed: number
  standard: BreedStandard
  /** Local day `YYYY-MM-DD`, age 0. Before it the house is empty. */
  placedOn: string
  birds: number
  timeZone: string
  weather: (t: number, hour: number) => Weather
  /** UTC ms at which the model stands when it is made. */
  startsAt: number
  /** A passing ammonia trouble, for a history with something in it. */
  episode?: NH3Episode | undefined
}
export type NH3Episode = { from: number; to: number; ppm: number }

/** What the sensors of a house read, by the device that reads it. */
export type SensorRole = 'air' | 'nh3' | 'relay' | 'meters' | 'zigbee'
export type Values = Partial<Record<MetricId, number>>
export type Measured = Record<SensorRole, Values>

/** The truth, which no sensor knows. */
export type HouseTruth = {
  t: number
  ageDays: number
  birds: { placed: number; alive: number; meanWeightG: number; sickShare: number; onScaleG: number[] }
  deathsByDay: Record<string, number>
  air: { temperatureC: number; targetC: number; humidityPercent: number; co2Ppm: number; nh3Ppm: number }
  outsideC: number
  ventilation: { flowM3PerHour: number; fansRunning: boolean; emergencyFan: boolean; heaterW: number }
  mains: boolean
  meters: { waterL: number; feedKg: number }
  faults: HouseFault[]
}

export type HouseModel = {
  /** UTC ms. */
  now(): number
  step(dtMs: number): void
  measure(): Measured
  /** The next 100 ms of the scale, g. */
  weigh(): number
  /** The thermal picture `dtMs` after the last one, °C × 100. */
  look(dtMs: number): { ambientCentiC: number; centiC: Int16Array }
  setFault(fault: HouseFault, on: boolean): void
  setEmergencyFan(on: boolean): void
  truth(): HouseTruth
}

/** Fine enough for the ventilation to follow its controller. */
const LONGEST_STEP_MS = 20_000
const WARM_UP_MS = 6 * HOUR
/** One fan on its own supply: it slows the rise, it does not hold the house. */
const EMERGENCY_FAN_SHARE = 0.08
const AMMONIA = { ppm: 38, tauMs: 40_000 }
const EPISODE_TAU_MS = 12 * 60_000
/** Birds in the dark still stir, and now and then one shifts onto the scale. */
const DARK_ACTIVITY = 0.2

/** One house of birds, air and sensors. No clock and no I/O: time passes by `step`. The same options give the same house. */
export function createHouseModel(options: HouseOptions): HouseModel {
  const { standard, birds: placed, timeZone } = options
  const random = (part: string) => createRandom(options.seed, `${options.id}/${part}`)
  const flockRandom = random('birds')
  const sensorRandom = random('sensors')
  const house = houseFor(placed)
  const localClock = createLocalClock(timeZone)
  const scale = createScalePlatform(random('scale'))
  const thermal = createThermalPicture(random('thermal'))
  const litterFactor = random('litter').between(0.85, 1.15)
  const placedAt = startOfLocalDay(options.placedOn, timeZone)
  const ageAt = (t: number) => (t - placedAt) / DAY

  const active = new Set<HouseFault>()
  const deathsByDay: Record<string, number> = {}
  let emergencyFan = false
  let t = options.startsAt - WARM_UP_MS
  let weather = options.weather(t, localClock(t).hour)
  let light = lightAt(ageAt(t), localClock(t).hour)
  let running = { flowM3PerHour: 0, heaterW: 0 }
  let stuck: Values | undefined

  const birds = placeBirds(standard, placed, Math.max(0, ageAt(t)), flockRandom)
  for (let day = placedAt + DAY / 2; day < t; day += DAY) {
    bury(flockRandom.poisson(birds.alive * deathRatePerDay(ageAt(day), 0, 20)), localDay(day, timeZone))
    birds.alive -= deathsByDay[localDay(day, timeZone)] ?? 0
  }
  const startC = targetC(ageAt(t)) + 0.5
  const air: Air = { temperatureC: startC, humidityRatio: ratioAt(startC, 58), co2Ppm: 1500, nh3Ppm: 4 }
  step(WARM_UP_MS)

  function bury(died: number, day: string) {
    if (died > 0) deathsByDay[day] = (deathsByDay[day] ?? 0) + died
  }
  function meanG() {
    return curveWeightG(standard, ageAt(t)) * birds.relativeWeight
  }
  function present() {
    return t >= placedAt ? birds.alive : 0
  }
  function hasMains() {
    return !active.has('power-cut')
  }
  function fansWork() {
    return hasMains() && !active.has('fan-failure')
  }
  function activity() {
    return Math.max(DARK_ACTIVITY, hasMains() ? light.level : 0)
  }

  function step(dtMs: number) {
    for (let left = dtMs; left > 0; left -= LONGEST_STEP_MS) stepOnce(Math.min(left, LONGEST_STEP_MS))
  }

  function stepOnce(dtMs: number) {
    t += dtMs
    const { day, hour } = localClock(t)
    const ageDays = ageAt(t)
    weather = options.weather(t, hour)
    light = lightAt(ageDays, hour)
    if (t >= placedAt) {
      const around = {
        ageDays,
        airC: air.temperatureC,
        // No mains, no pump and no light to eat by.
        appetite: hasMains() ? light.appetite : 0.05,
        isSickening: active.has('sick-birds'),
      }
      bury(stepBirds(birds, dtMs, around, standard, flockRandom), day)
    }
    const birdG = meanG()
    const isAtMinimum = active.has('ammonia')
    const asked = ventilate(air, house, present(), birdG, ageDays, isAtMinimum)
    running = {
      flowM3PerHour:
        (fansWork() ? asked.flowM3PerHour : 0) +
        (emergencyFan ? EMERGENCY_FAN_SHARE * house.maxFlowM3PerHour : 0),
      heaterW: hasMains() ? asked.heaterW : 0,
    }
    const heat = metabolism(present(), birdG, air.temperatureC, activity(), birds.sick)
    stepAir(air, dtMs, house, {
      weather,
      ...running,
      ...heat,
      nh3MgPerHour: present() * litterFactor * litterNh3MgPerHour(birdG, ageDays),
      surge: surge(),
    })
  }

  function surge() {
    if (active.has('ammonia')) return AMMONIA
    const { episode } = options
    return episode && t >= episode.from && t < episode.to
      ? { ppm: episode.ppm, tauMs: EPISODE_TAU_MS }
      : undefined
  }

  function measure(): Measured {
    const noise = (spread: number) => spread * sensorRandom.normal()
    const humidity = humidityOf(air)
    const isRunning = fansWork() && running.flowM3PerHour > 0
    const flowShare = running.flowM3PerHour / house.maxFlowM3PerHour
    const fresh = rounded({
      'air.temperature': air.temperatureC + noise(0.05),
      'air.humidity': humidity + noise(0.3),
      'air.co2': air.co2Ppm + noise(8),
      light: (hasMains() ? light.lux : 0) * (1 + noise(0.01)),
    })
    if (!active.has('stuck-sensor')) stuck = undefined
    else stuck ??= fresh
    return {
      air: stuck ?? fresh,
      nh3: rounded({ 'air.nh3': Math.max(0, air.nh3Ppm + noise(0.1)) }),
      relay: rounded({ 'fan.running': isRunning ? 1 : 0, 'power.mains': hasMains() ? 1 : 0 }),
      meters: rounded({
        'water.volume': Math.floor(birds.drunkL),
        'feed.mass': Math.floor(birds.eatenKg),
        'air.static-pressure': (isRunning ? 13 + 12 * flowShare : 0) + noise(0.5),
        'outside.temperature': weather.temperatureC + noise(0.05),
        'outside.humidity': weather.humidityPercent + noise(0.3),
        'device.signal': -61 + noise(1),
      }),
      zigbee: rounded({
        'air.temperature': air.temperatureC + 0.1 + noise(0.05),
        'air.humidity': Math.min(100, humidity - 1 + noise(0.3)),
        'device.battery': Math.max(5, 98 - Math.max(0, ageAt(t)) * 0.1),
      }),
    }
  }

  return {
    now: () => t,
    step,
    measure,
    weigh: () => scale.sample(present() > 0 ? meanG() : 0, activity()),
    look: (dtMs) => ({
      ambientCentiC: Math.round(100 * (air.temperatureC + 6)),
      centiC: thermal.render(dtMs, {
        airC: air.temperatureC,
        birdG: present() > 0 ? meanG() : 0,
        sick: birds.sick,
        activity: activity(),
      }),
    }),
    setFault(fault, on) {
      if (on) active.add(fault)
      else active.delete(fault)
    },
    setEmergencyFan(on) {
      emergencyFan = on
    },
    truth: () => ({
      t,
      ageDays: ageAt(t),
      birds: {
        placed,
        alive: present(),
        meanWeightG: meanG(),
        sickShare: birds.sick,
        onScaleG: scale.standing(),
      },
      deathsByDay: { ...deathsByDay },
      air: {
        temperatureC: air.temperatureC,
        targetC: targetC(ageAt(t)),
        humidityPercent: humidityOf(air),
        co2Ppm: air.co2Ppm,
        nh3Ppm: air.nh3Ppm,
      },
      outsideC: weather.temperatureC,
      ventilation: { ...running, fansRunning: fansWork() && running.flowM3PerHour > 0, emergencyFan },
      mains: hasMains(),
      meters: { waterL: birds.drunkL, feedKg: birds.eatenKg },
      faults: [...active],
    }),
  }
}

/** How often `weigh` must be asked, ms. */
export const WEIGH_EVERY_MS = SAMPLE_MS

function rounded(values: Values): Values {
  for (const metric of Object.keys(values) as MetricId[])
    values[metric] = roundFor(metric, values[metric] ?? 0)
  return values
}
