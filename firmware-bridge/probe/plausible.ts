import { type MetricId, metrics } from '#domain/metrics.ts'

/**
 * What a sensor in or at a poultry house can sensibly say on the day it is installed: narrower than what its
 * metric allows, so that a swapped or wrongly scaled register is noticed. 61 is a humidity, and hardly a
 * temperature.
 */
const usual: Partial<Record<MetricId, readonly [number, number]>> = {
  'air.temperature': [-15, 45],
  'air.humidity': [15, 99.9],
  'air.co2': [300, 8000],
  'air.nh3': [0, 100],
  'air.h2s': [0, 50],
  'air.static-pressure': [-60, 60],
  light: [0, 100_000],
  'air.pm2-5': [1, 2000],
  'air.pm10': [1, 3000],
  'scale.load': [-50_000, 500_000],
  'power.active': [-100_000, 100_000],
}

export function isUsual(metric: MetricId, value: number): boolean {
  const [min, max] = usual[metric] ?? [metrics[metric].min, metrics[metric].max]
  return Number.isFinite(value) && value >= min && value <= max
}
