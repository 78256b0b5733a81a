import { type Static, Type } from 'typebox'
import type { Series, Source } from '../reading.ts'

/**
 * Names for what columns hold, so that a batch a minute need not say them again: devices by their place in the
 * list, their metrics by the place in the device's own list. `ref` is a usual value of the series, in units of the
 * metric's last decimal: a lone value is written as its distance from it. A dictionary never changes what a place
 * means; it only grows. Two that are equal up to the end of the shorter agree on everything the shorter says.
 */
export const DictionaryDevice = Type.Object(
  {
    house: Type.String({ maxLength: 64 }),
    device: Type.String({ maxLength: 64 }),
    source: Type.Union([Type.Literal('sensor'), Type.Literal('model'), Type.Literal('person')]),
    by: Type.String({ maxLength: 64 }),
    metrics: Type.Array(
      Type.Object(
        { metric: Type.String({ maxLength: 64 }), ref: Type.Integer() },
        { additionalProperties: false },
      ),
      { maxItems: 1000 },
    ),
  },
  { additionalProperties: false },
)
export type DictionaryDevice = Static<typeof DictionaryDevice>
export const Dictionary = Type.Array(DictionaryDevice, { maxItems: 10_000 })
export type Dictionary = readonly DictionaryDevice[]

export type Place = { device: number; metric: number }

/** A dictionary that is being made. */
export type DictionaryBuilder = {
  /** The place of a series; a new one goes to the end, with `ref` for its usual value. */
  place(series: Series, ref: number): Place
  /** The list itself: it grows with `place`. */
  devices: DictionaryDevice[]
}

export function createDictionary(known: Dictionary = []): DictionaryBuilder {
  const devices = known.map((device) => ({ ...device, metrics: [...device.metrics] }))
  const deviceKey = (house: string, device: string, source: Source, by: string) =>
    `${house}|${device}|${source}|${by}`
  const deviceAt = new Map<string, number>()
  const metricAt: Map<string, number>[] = []
  const remember = ({ house, device, source, by, metrics }: DictionaryDevice, index: number) => {
    deviceAt.set(deviceKey(house, device, source, by), index)
    metricAt[index] = new Map(metrics.map(({ metric }, place) => [metric, place]))
  }
  devices.forEach(remember)

  return {
    devices,
    place({ house, device, metric, source, by }, ref) {
      const key = deviceKey(house, device, source, by)
      let index = deviceAt.get(key)
      if (index === undefined) {
        index = devices.push({ house, device, source, by, metrics: [] }) - 1
        remember(devices[index] as DictionaryDevice, index)
      }
      const places = metricAt[index] as Map<string, number>
      let place = places.get(metric)
      if (place === undefined) {
        place = (devices[index] as DictionaryDevice).metrics.push({ metric, ref }) - 1
        places.set(metric, place)
      }
      return { device: index, metric: place }
    },
  }
}
