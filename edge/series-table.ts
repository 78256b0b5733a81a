import { type MetricId, metricIds } from '#domain/metrics.ts'
import { isId, type Series, type Source } from '#domain/reading.ts'
import { MAX_AHEAD_MS } from '#domain/time.ts'

/** Each series once, as one object: what is kept by series is then found by identity, without building keys. */
export type SeriesTable = {
  sensor(house: string, device: string, metric: MetricId): Series
  /** Undefined when `by` is no id, or one name too many for this device. */
  named(house: string, device: string, metric: MetricId, source: Source, by: string): Series | undefined
  /**
   * The time of a value that came without one: now, but never that of the value before it, as two values of one
   * time would count as one reading. Follows a clock that was set back.
   */
  stamp(series: Series, now: number): number
}

/** A device that names more models and persons than this is broken or hostile. */
const MAX_NAMES_PER_DEVICE = 64

type DeviceSeries = { sensors: Map<MetricId, Series>; named: Map<string, Series> }

export function createSeriesTable(): SeriesTable {
  const devices = new Map<string, DeviceSeries>()
  const stamped = new Map<Series, number>()
  const deviceFor = (house: string, device: string): DeviceSeries => {
    const key = `${house}|${device}`
    let found = devices.get(key)
    if (!found) {
      found = { sensors: new Map(), named: new Map() }
      devices.set(key, found)
    }
    return found
  }
  const sensor: SeriesTable['sensor'] = (house, device, metric) => {
    const { sensors } = deviceFor(house, device)
    let series = sensors.get(metric)
    if (!series) {
      series = { house, device, metric, source: 'sensor', by: '' }
      sensors.set(metric, series)
    }
    return series
  }
  return {
    sensor,
    stamp(series, now) {
      const last = stamped.get(series) ?? 0
      const t = now > last || last - now > MAX_AHEAD_MS ? now : last + 1
      stamped.set(series, t)
      return t
    },
    named(house, device, metric, source, by) {
      if (source === 'sensor') return by === '' ? sensor(house, device, metric) : undefined
      if (!isId(by)) return undefined
      const { named } = deviceFor(house, device)
      const key = `${metric}|${source}|${by}`
      const known = named.get(key)
      if (known) return known
      if (named.size >= MAX_NAMES_PER_DEVICE * metricIds.length) return undefined
      const series = { house, device, metric, source, by }
      named.set(key, series)
      return series
    },
  }
}
