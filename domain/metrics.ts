/**
 * The metric catalogue: what can be measured, in which unit, what is plausible, how it is kept.
 * A metric that is not listed here is refused at the door.
 */
export type Metric = {
  unit: string
  /** Values outside are refused as implausible. */
  min: number
  max: number
  /** Decimals that carry meaning: stored, sent and shown with this many. */
  decimals: number
  /** How many readings become one: a gauge is averaged, a state keeps its last, a counter its difference. */
  aggregate: 'mean' | 'last' | 'sum' | 'difference'
  /** A change below this is not reported before `heartbeat`: the line costs money. */
  deadband: number
}

const gauge = (unit: string, min: number, max: number, decimals: number, deadband: number): Metric => ({
  unit,
  min,
  max,
  decimals,
  aggregate: 'mean',
  deadband,
})
const state: Metric = { unit: '', min: 0, max: 1, decimals: 0, aggregate: 'last', deadband: 0 }
const counter = (unit: string, max: number, decimals: number, deadband: number): Metric => ({
  unit,
  min: 0,
  max,
  decimals,
  aggregate: 'difference',
  deadband,
})

export const metrics = {
  'air.temperature': gauge('°C', -40, 85, 1, 0.2),
  'air.humidity': gauge('%', 0, 100, 1, 1),
  'air.nh3': gauge('ppm', 0, 500, 1, 0.5),
  'air.co2': gauge('ppm', 200, 20_000, 0, 50),
  'air.h2s': gauge('ppm', 0, 200, 1, 0.5),
  'air.static-pressure': gauge('Pa', -500, 500, 0, 2),
  'air.speed': gauge('m/s', 0, 20, 2, 0.1),
  'air.pm2-5': gauge('µg/m³', 0, 10_000, 0, 10),
  'air.pm10': gauge('µg/m³', 0, 10_000, 0, 10),
  'outside.temperature': gauge('°C', -60, 70, 1, 0.2),
  'outside.humidity': gauge('%', 0, 100, 1, 1),
  'outside.wind-speed': gauge('m/s', 0, 75, 1, 0.5),
  /** Where it comes from, clockwise from north. A mean of 350° and 10° would be south. */
  'outside.wind-direction': { ...gauge('°', 0, 360, 0, 10), aggregate: 'last' },
  light: gauge('lx', 0, 200_000, 0, 2),
  'thermal.max': gauge('°C', -40, 300, 1, 0.3),
  'thermal.mean': gauge('°C', -40, 300, 1, 0.2),
  'thermal.min': gauge('°C', -40, 300, 1, 0.3),
  /** 1: pictures come and change. 0: none comes, or the same one again and again. */
  'camera.live': state,
  // Below the full scale of the microphone: no microphone of ours is calibrated. Mean power of a minute.
  'sound.level': gauge('dB', -120, 0, 1, 1),
  'bird.weight': gauge('g', 10, 30_000, 0, 0),
  'bird.weight.mean': gauge('g', 10, 30_000, 0, 1),
  /** A load that was no weight of a bird; the reason stands in the name of its series (weighing/verdicts.ts). */
  'bird.weight.refused': gauge('g', -100_000, 9_000_000, 0, 0),
  'bird.weight.cv': gauge('%', 0, 60, 1, 0.1),
  'bird.weight.uniformity': gauge('%', 0, 100, 0, 1),
  'bird.count': { unit: '', min: 0, max: 1_000_000, decimals: 0, aggregate: 'last', deadband: 0 },
  'bird.deaths': { unit: '', min: 0, max: 1_000_000, decimals: 0, aggregate: 'sum', deadband: 0 },
  // Birds move it all day, and the samples are in the blocks: as a series it is a sign of life.
  'scale.load': gauge('g', -100_000, 1_000_000, 0, Number.POSITIVE_INFINITY),
  /** What the empty scale shows: litter, droppings, drift. */
  'scale.zero': gauge('g', -100_000, 1_000_000, 0, 0),
  /** A fault began; which, says the name of its series. The value is the load that shows it. */
  'scale.fault': gauge('g', -9_000_000, 9_000_000, 0, 0),
  'water.volume': counter('L', 1e9, 1, 1),
  'feed.mass': counter('kg', 1e9, 1, 1),
  'feed.stock': gauge('kg', 0, 200_000, 0, 5),
  /** Filled into a silo or bin, or given by hand. */
  'feed.added': { unit: 'kg', min: 0, max: 100_000, decimals: 0, aggregate: 'sum', deadband: 0 },
  /** When the feed ends, at the pace of the last day. */
  'feed.hours-left': gauge('h', 0, 10_000, 0, 1),
  'feed.auger': state,
  'power.mains': state,
  'power.phases': state,
  'power.active': gauge('W', -1_000_000, 1_000_000, 0, 20),
  /** How long a battery will last, as the UPS reckons. */
  'power.runtime': gauge('min', 0, 100_000, 0, 1),
  'power.energy': counter('kWh', 1e9, 2, 0.1),
  'door.open': state,
  'curtain.opening': gauge('%', 0, 100, 0, 2),
  'fan.running': state,
  'fan.emergency': state,
  'siren.on': state,
  'device.battery': gauge('%', 0, 100, 0, 1),
  /** What the edge finds about a device: 1 while it should speak and does not, or says one number for ever. */
  'device.silent': state,
  'device.stuck': state,
  'device.signal': gauge('dBm', -150, 0, 0, 3),
} as const satisfies Record<string, Metric>

export type MetricId = keyof typeof metrics

export function isMetric(id: string): id is MetricId {
  return Object.hasOwn(metrics, id)
}

export const metricIds = Object.keys(metrics) as MetricId[]

/** Rounds to the decimals that carry meaning for this metric. */
export function roundFor(metric: MetricId, value: number): number {
  const factor = 10 ** metrics[metric].decimals
  return Math.round(value * factor) / factor
}

/** Longest silence of a healthy series: a value that does not change is still said this often. */
export const HEARTBEAT_MS = 60_000
