import { findBreedStandard } from '#domain/breeds/breed-standards.ts'
import type { MetricId } from '#domain/metrics.ts'
import { roundFor } from '#domain/metrics.ts'
import type { Reading, Source } from '#domain/reading.ts'
import { DAY, localDay, MINUTE, SECOND } from '#domain/time.ts'
import { createHouseModel, type Values } from '../../../firmware-bridge/simulator/model/house-model.ts'
import { createWeather, spring } from '../../../firmware-bridge/simulator/model/weather.ts'
import { createRandom } from '../../../firmware-bridge/simulator/random.ts'

/** What a device says at one time. */
export type DeviceSample = {
  house: string
  device: string
  t: number
  values: Values
  source: Source
  by: string
}

/** Six houses that pass the time only as they are asked. */
export type SixHouses = {
  /** One reading of each of the 360 series, those of the minute that begins at `t` (UTC ms). Ask in order. */
  minute(t: number): DeviceSample[]
}

export const HOUSES = 6
/** A large house is measured at three places, by devices of their own. */
const ZONES = 3
const TIME_ZONE = 'Asia/Shanghai'
/** By whose hand weights come: one model, as on the edge. */
const WEIGHT_MODEL = 'weigh-stands@2'
/** As in the simulator's history; a mean that is told every minute changes less from one to the next. */
const WEIGHT_ERROR = 0.004
const WEIGHT_MEMORY = 0.995
/** A poll over a bus comes within some ms of its turn; a radio takes what it takes. */
const JITTER_MS = { bus: 4, radio: 40 }

export type SixHousesOptions = {
  seed: number
  /** UTC ms of the first minute. */
  startsAt: number
  /**
   * How much simulated life passes from one reading to the next, in minutes. The simulator's model has its own pace
   * of change; at 1.37 a minute of readings covers 1.37 minutes of its life: everything in it (air, weather, growth,
   * controllers) runs 1.37 times as fast against the reading times. So a figure cannot rest on the default pace.
   */
  stretch: number
  /** Readings on the very minute, as the simulator's own history has them, instead of whenever a device's turn is. */
  onTheMinute?: boolean
}

/**
 * The simulator's houses at full rate: each of three zones has the sensors of a simulated house (air, ammonia, fan and
 * mains contacts, meters and weather, a radio sensor, thermal array: 19 values) under a model and a noise of its own;
 * the relay board of zone 1 tells of siren and emergency fan, and the scale of a mean weight: 60 series.
 */
export function createSixHouses(options: SixHousesOptions): SixHouses {
  const houses = Array.from({ length: HOUSES }, (_, index) => createHouse(index, options))
  return { minute: (t) => houses.flatMap((sample) => sample(t)) }
}

function createHouse(index: number, { seed, startsAt, stretch, onTheMinute = false }: SixHousesOptions) {
  const house = `h${index + 1}`
  const standard = findBreedStandard(index % 2 === 0 ? 'ross-308-2022' : 'cobb-500-2022')
  if (!standard) throw new Error('the breed standard is gone')
  const ageDays = 5 + 5 * index
  const random = createRandom(seed, `${house}/bench`)
  const zones = Array.from({ length: ZONES }, (_, zone) =>
    createHouseModel({
      id: `${house}-${zone + 1}`,
      seed,
      standard,
      placedOn: localDay(startsAt - ageDays * DAY, TIME_ZONE),
      birds: 18_000 + 1000 * index,
      timeZone: TIME_ZONE,
      weather: createWeather(seed, spring),
      startsAt,
    }),
  )
  const turns = new Map<string, number>()
  let weightError = WEIGHT_ERROR * random.normal()

  return (minute: number): DeviceSample[] => {
    const samples: DeviceSample[] = []
    const say = (device: string, line: keyof typeof JITTER_MS, values: Values, by = '') => {
      if (!turns.has(device)) turns.set(device, random.between(SECOND, MINUTE - SECOND))
      const turn = Math.round((turns.get(device) as number) + JITTER_MS[line] * clamp(random.normal()))
      const t = onTheMinute ? minute : minute + turn
      samples.push({ house, device, t, values, source: by ? 'model' : 'sensor', by })
    }
    zones.forEach((model, zone) => {
      const name = (what: string) => `${house}-${what}-${zone + 1}`
      model.step(stretch * MINUTE)
      const { air, nh3, relay, meters, zigbee } = model.measure()
      say(name('air'), 'bus', air)
      say(name('nh3'), 'bus', nh3)
      say(name('relay'), 'bus', zone === 0 ? { ...relay, 'siren.on': 0, 'fan.emergency': 0 } : relay)
      say(name('meters'), 'radio', meters)
      say(name('zigbee'), 'radio', zigbee)
      say(name('thermal'), 'bus', pictured(model.look(stretch * MINUTE).centiC))
      if (zone > 0) return
      weightError =
        WEIGHT_MEMORY * weightError + Math.sqrt(1 - WEIGHT_MEMORY ** 2) * WEIGHT_ERROR * random.normal()
      const mean = model.truth().birds.meanWeightG * (1 + weightError)
      const weight = roundFor('bird.weight.mean', mean)
      say(name('scale'), 'bus', { 'bird.weight.mean': weight }, WEIGHT_MODEL)
    })
    return samples
  }
}

function pictured(centiC: Int16Array): Values {
  const sum = centiC.reduce((total, value) => total + value, 0)
  const inDegrees = (metric: MetricId, centi: number) => roundFor(metric, centi / 100)
  return {
    'thermal.max': inDegrees('thermal.max', Math.max(...centiC)),
    'thermal.mean': inDegrees('thermal.mean', sum / centiC.length),
    'thermal.min': inDegrees('thermal.min', Math.min(...centiC)),
  }
}

/** So that a turn stays in its minute, and times in their order. */
const clamp = (normal: number) => Math.min(4, Math.max(-4, normal))

export function readingsOfSample({ house, device, t, values, source, by }: DeviceSample): Reading[] {
  return (Object.entries(values) as [MetricId, number][]).map(([metric, value]) => ({
    series: { house, device, metric, source, by },
    t,
    value,
    quality: 'good',
  }))
}
