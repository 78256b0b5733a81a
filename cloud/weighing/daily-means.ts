import type { CalibrationView } from '#domain/api/weighing.ts'
import { HOUR, localDay, startOfLocalDay } from '#domain/time.ts'
import type { House } from '../registry/port.ts'
import type { SeriesStore } from '../series/port.ts'

/** The mean of one scale on one local day of its house, g. */
export type DailyMean = { device: string; day: string; meanG: number }

/** A calibration that moves a scale farther than this says nothing about the days before it. */
const FARTHEST = 2

/**
 * The last mean that the edge said on each local day, per scale. Days before a calibration are carried over to it: a
 * scale that is found to be off was off before as well, and a flock gains nothing by a calibration.
 */
export async function dailyMeans(
  series: SeriesStore,
  { farm, house, from: placedOn, to }: { farm: string; house: House; from: string; to: number },
  calibrations: readonly CalibrationView[],
): Promise<DailyMean[]> {
  const from = startOfLocalDay(placedOn, house.timeZone)
  if (to <= from) return []
  const points = Math.ceil((to - from) / HOUR)
  const lines = await series.chart(farm, house.id, { metric: 'bird.weight.mean', from, to, points })
  const last = new Map<string, DailyMean & { t: number }>()
  for (const line of lines) {
    const { device, source } = line.series
    if (source !== 'model') continue
    for (const [index, t] of line.t.entries()) {
      const day = localDay(t, house.timeZone)
      const key = `${day}|${device}`
      const known = last.get(key)
      if (!known || known.t <= t) last.set(key, { t, device, day, meanG: line.mean[index] as number })
    }
  }
  /** Newest first, as they are listed. */
  const slopeAt = (device: string, t: number) =>
    calibrations.find((one) => one.device === device && one.at < t)?.gramsPerLoad ?? 1
  return [...last.values()].flatMap(({ t, device, day, meanG }) => {
    const share = slopeAt(device, to) / slopeAt(device, t)
    return share > 1 / FARTHEST && share < FARTHEST ? [{ device, day, meanG: share * meanG }] : []
  })
}
