import type { MetricId } from '#domain/metrics.ts'
import type { Series, Source } from '#domain/reading.ts'
import type { Newest } from '../embedded/newest.ts'
import type { Line } from '../embedded/readings.ts'
import type { ChartRange, SeriesStore } from '../series/port.ts'
import type { Influx, InfluxSeries } from './influx-client.ts'
import { isOneSeries, nameOf, tagText } from './line-protocol.ts'

/** The last ms that InfluxDB can name: its times are 64-bit nanoseconds. */
const LAST_MS = 9_223_372_036_854

/**
 * Charts are added up by InfluxDB. The newest values come from SQLite: asked of InfluxDB, a house's 60 of them
 * cost some hundred milliseconds (docs/decisions/influx.md).
 */
export function openInfluxSeries(influx: Influx, newest: Newest): SeriesStore {
  return {
    latest: async (farm, house) => newest.of(farm, house),

    async chart(farm, house, range) {
      if (range.from > LAST_MS) return []
      const answer = await influx.select(chartQuery(range), { farm: tagText(farm), house: tagText(house) })
      return answer.map((series) => lineOf(house, range, series)).filter(({ t }) => t.length > 0)
    },

    async times(farm, series, { from, to }) {
      if (from > LAST_MS) return { times: [] }
      const one = `FROM "${series.metric}" WHERE ${isOneSeries}`
      const tags = {
        ...{ farm: tagText(farm), house: tagText(series.house), device: tagText(series.device) },
        ...{ source: series.source, by: tagText(series.by) },
      }
      const [inside, earlier] = await Promise.all([
        influx.select(
          `SELECT "quality" ${one} AND time >= ${from}ms AND time < ${Math.min(to, LAST_MS)}ms ORDER BY time`,
          tags,
        ),
        influx.select(`SELECT "quality" ${one} AND time < ${from}ms ORDER BY time DESC LIMIT 1`, tags),
      ])
      const [before] = timesOf(earlier)
      return { times: timesOf(inside), ...(before !== undefined && { before }) }
    },

    check: influx.check,
  }
}

/** UTC ms of each row. */
function timesOf(answer: readonly InfluxSeries[]): number[] {
  return answer.flatMap(({ columns, values }) => {
    const time = columns.indexOf('time')
    return values.map((row) => Math.round(Number(row[time]) / 1000))
  })
}

function chartQuery({ metric, from, to, points }: ChartRange): string {
  const { bucketMs, bucketNs } = bucketOf({ from, to, points })
  // Half of all time is more than any reading needs, and buckets as wide as all of it InfluxDB cannot make.
  const isOneBucket = from + bucketMs > LAST_MS / 2
  const offsetNs = (BigInt(from) * 1_000_000n) % bucketNs
  return `
    SELECT mean("value") AS mean, min("value") AS min, max("value") AS max FROM "${metric}"
    WHERE "farm" = $farm AND "house" = $house AND time >= ${from}ms AND time < ${Math.min(to, LAST_MS)}ms
    GROUP BY ${isOneBucket ? '' : `time(${bucketNs}ns, ${offsetNs}ns), `}"device", "source", "by" fill(none)`
}

/**
 * A bucket of a chart is seldom a whole number of nanoseconds. Cut down to one, a bucket begins a little early:
 * at the last of `points` by less than `points` ns, where readings lie on whole ms.
 */
function bucketOf({ from, to, points }: Pick<ChartRange, 'from' | 'to' | 'points'>) {
  const bucketMs = Math.max(1, (to - from) / points)
  return { bucketMs, bucketNs: BigInt(Math.floor(bucketMs * 1e6)) }
}

function lineOf(
  house: string,
  { metric, ...range }: ChartRange,
  { tags, columns, values }: InfluxSeries,
): Line {
  const { bucketMs, bucketNs } = bucketOf(range)
  const bucketUs = Number(bucketNs) / 1000
  const column = (name: string) => {
    const index = columns.indexOf(name)
    return values.map((row) => Number(row[index]))
  }
  return {
    series: seriesOf(house, metric, tags),
    bucketMs,
    t: column('time').map((us) =>
      Math.round(range.from + Math.round((us - range.from * 1000) / bucketUs) * bucketMs),
    ),
    mean: column('mean'),
    min: column('min'),
    max: column('max'),
  }
}

function seriesOf(
  house: string,
  metric: MetricId,
  { device = '', source, by = '' }: InfluxSeries['tags'],
): Series {
  return { house, metric, device: nameOf(device), source: source as Source, by: nameOf(by) }
}
