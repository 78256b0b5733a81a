import { Type } from 'typebox'
import { ChartSeries, SeriesQuery } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { Problem } from '#domain/errors.ts'
import { isMetric } from '#domain/metrics.ts'
import type { Flocks } from '../books/flocks.ts'
import type { Line } from '../embedded/readings.ts'
import type { App } from '../http/app.ts'
import { memberAt } from '../http/doors.ts'
import { problems } from '../http/problems.ts'
import type { Registry } from '../registry/port.ts'
import { lineOfSteps } from './line-of-steps.ts'
import type { SeriesStore } from './port.ts'

type Deps = { registry: Registry; series: SeriesStore; flocks: Flocks }

const DEFAULT_POINTS = 500

export function seriesRoutes(app: App, { registry, series, flocks }: Deps): void {
  app.get(
    routes.series,
    {
      config: { door: 'member' },
      schema: {
        tags: ['farm'],
        params: Type.Object({ farm: Type.String(), house: Type.String() }),
        querystring: SeriesQuery,
        response: { 200: Type.Array(ChartSeries), ...problems },
      },
    },
    async (request) => {
      const { farm } = memberAt(request)
      const { metric, from, to, points = DEFAULT_POINTS } = request.query
      if (!isMetric(metric))
        throw new Problem('not-valid', `querystring/metric: there is no metric "${metric}"`)
      if (from >= to) throw new Problem('not-valid', 'querystring/from must be before querystring/to')
      const house = await registry.farms.house(farm.id, request.params.house)
      if (!house) throw new Problem('not-found', `there is no house "${request.params.house}" on this farm`)
      const range = { metric, from, to, points }
      const lines = await series.chart(farm.id, house.id, range)
      if (metric === 'bird.count') lines.push(...lineOfSteps(await flocks.headCounts(farm.id, house), range))
      return lines.map(chartSeries)
    },
  )
}

function chartSeries({ series, ...line }: Line): ChartSeries {
  const { device, metric, by } = series
  return { device, metric, by, ...line }
}
