import type { SeriesStore } from '../series/port.ts'
import { farmKey, ofFarm } from './farm-key.ts'
import type { Readings } from './readings.ts'

export function openSeries(readings: Readings): SeriesStore {
  return {
    latest: async (farm, house) =>
      readings
        .latest(farmKey(farm, house))
        .map((reading) => ({ ...reading, series: ofFarm(reading.series) })),
    chart: async (farm, house, { metric, from, to, points }) =>
      readings
        .chart(farmKey(farm, house), metric, from, to, points)
        .map((line) => ({ ...line, series: ofFarm(line.series) })),
    times: async (farm, series, { from, to }) =>
      readings.times({ ...series, house: farmKey(farm, series.house) }, from, to),
    check: async () => readings.check(),
  }
}
