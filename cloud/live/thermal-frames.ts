import type { ThermalView } from '#domain/api/farm.ts'
import type { ThermalFrame } from '#domain/frame.ts'

/** The newest thermal picture of each device, in memory: it is for the eyes, the edge keeps the evidence. */
export type ThermalFrames = {
  /** Undefined when a newer picture is there already. */
  put(farm: string, house: string, device: string, frame: ThermalFrame): ThermalView | undefined
  of(farm: string, house: string): ThermalView[]
}

/** Devices of one farm; the one whose picture came longest ago makes room. */
const MOST_PER_FARM = 64

export function createThermalFrames(): ThermalFrames {
  const farms = new Map<string, Map<string, { house: string; view: ThermalView }>>()

  return {
    put(farm, house, device, { t, width, height, centiC }) {
      const frames = farms.get(farm) ?? new Map()
      const key = `${house}/${device}`
      const known = frames.get(key)?.view
      if (known && known.t >= t) return undefined
      const view = { device, t, width, height, centiC: [...centiC] }
      frames.delete(key)
      frames.set(key, { house, view })
      const [oldest] = frames.keys()
      if (frames.size > MOST_PER_FARM) frames.delete(oldest)
      farms.set(farm, frames)
      return view
    },
    of: (farm, house) =>
      [...(farms.get(farm)?.values() ?? [])].filter((frame) => frame.house === house).map(({ view }) => view),
  }
}
