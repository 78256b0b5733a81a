import type { Embedded, Stores } from '../embedded/open-embedded.ts'
import { takeReadingsWith } from './batches.ts'
import { createGroupWrite } from './group-write.ts'
import { connectInflux, InfluxFailure, type InfluxOptions } from './influx-client.ts'
import { openInfluxSeries } from './series.ts'

/** Readings in InfluxDB 1.x, everything else (and how far each edge got) in SQLite. InfluxDB need not be up yet. */
export function openWithInflux(embedded: Embedded, options: InfluxOptions): Stores {
  const { commit, lanes, newest, ...stores } = embedded
  const influx = connectInflux(options)
  const write = createGroupWrite(influx.write)
  return {
    ...stores,
    series: openInfluxSeries(influx, newest),
    batches: { ...stores.batches, takeReadings: takeReadingsWith({ influx, write, commit, lanes, newest }) },
    isStoreFailure: (error) => error instanceof InfluxFailure || stores.isStoreFailure(error),
  }
}
