import type { LatestValue } from '#domain/api/farm.ts'
import type { Texts } from '../i18n/en.ts'

export type DeviceKind = keyof Texts['devices']

/** What a device is to a farmer, by what it measures; the first that fits. */
const kinds: readonly (readonly [DeviceKind, (metric: string) => boolean])[] = [
  ['thermal', (metric) => metric.startsWith('thermal.')],
  ['camera', (metric) => metric === 'camera.live'],
  ['microphone', (metric) => metric === 'sound.level'],
  ['scale', (metric) => metric === 'scale.load' || metric.startsWith('bird.weight')],
  ['switches', (metric) => /^(fan|siren|power)\./.test(metric)],
  ['meters', (metric) => metric === 'water.volume' || metric === 'feed.mass'],
  ['outside', (metric) => metric.startsWith('outside.')],
  ['wireless', (metric) => metric === 'device.battery'],
  ['climate', (metric) => metric === 'air.temperature' || metric === 'air.co2'],
  ['ammonia', (metric) => metric === 'air.nh3'],
]

/** The head-count that the service writes from the flock's books stands beside the sensors' series. */
export const BOOKS_DEVICE = 'books'

/** The kind of each device that speaks in a house; a device that measures none of the above has none. */
function kindsOf(latest: readonly LatestValue[]): Map<string, DeviceKind | undefined> {
  const metrics = new Map<string, string[]>()
  for (const { device, metric } of latest) {
    if (device !== BOOKS_DEVICE) metrics.set(device, [...(metrics.get(device) ?? []), metric])
  }
  return new Map(
    [...metrics].map(([device, measured]) => [device, kinds.find(([, fits]) => measured.some(fits))?.[0]]),
  )
}

/**
 * Names by device id, as a farmer would say them: `Scale`, and where a house has several `Scale 1`, `Scale 2`,
 * in the order of their ids. What we have no word for goes by its id. Books are no device.
 */
export function deviceNames(
  latest: readonly LatestValue[],
  { devices }: Pick<Texts, 'devices'>,
): Map<string, string> {
  const found = [...kindsOf(latest)].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }))
  return new Map(
    found.map(([device, kind]) => {
      if (!kind) return [device, device]
      const alike = found.filter(([, other]) => other === kind)
      if (alike.length === 1) return [device, devices[kind]]
      return [device, `${devices[kind]} ${alike.findIndex(([other]) => other === device) + 1}`]
    }),
  )
}
