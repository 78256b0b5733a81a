import { Type } from 'typebox'
import { routes } from '#domain/api/routes.ts'
import { CalibrationView, NewCalibration, WeighingQuery, WeighingView } from '#domain/api/weighing.ts'
import { Problem } from '#domain/errors.ts'
import { type Clock, isDay, localDay, MAX_AHEAD_MS } from '#domain/time.ts'
import { type CalibrationMistake, calibrate } from '#domain/weighing/calibration.ts'
import type { ScaleLine } from '#domain/weighing/scale-line.ts'
import type { App } from '../http/app.ts'
import { memberAt } from '../http/doors.ts'
import { problems } from '../http/problems.ts'
import type { Registry } from '../registry/port.ts'
import type { SeriesStore } from '../series/port.ts'
import { weighingView } from './weighing-view.ts'

type Deps = {
  registry: Registry
  series: SeriesStore
  clock: Clock
  /** A scale of this house has another calibration. */
  onChange(farm: string, house: string): void
}

const tags = ['farm']
const HousePath = Type.Object({ farm: Type.String(), house: Type.String() })

const mistakes: Record<CalibrationMistake, string> = {
  'no-difference': 'the scale shows no difference with the mass on it: is the load cell connected?',
  saturated: 'the scale is at the stop of its converter: look at the load cell and its four wires',
  'mass-too-small': 'a mass of 200 g at least is needed; better is one as heavy as the birds',
  'not-a-number': 'a load or the mass is no number',
}

export function weighingRoutes(app: App, { registry, series, clock, onChange }: Deps): void {
  const { farms, scales } = registry
  const houseAt = async (farm: string, id: string) => {
    const house = await farms.house(farm, id)
    if (!house) throw new Problem('not-found', `there is no house "${id}" on this farm`)
    return house
  }

  app.get(
    routes.weighing,
    {
      config: { door: 'member' },
      schema: {
        tags,
        params: HousePath,
        querystring: WeighingQuery,
        response: { 200: WeighingView, ...problems },
      },
    },
    async (request) => {
      const { farm } = memberAt(request)
      const house = await houseAt(farm.id, request.params.house)
      const { day } = request.query
      if (day !== undefined && !(isDay(day) && day >= '2000-01-01'))
        throw new Problem('not-valid', `querystring/day ${day} is not a day of the calendar`)
      if (day !== undefined && day > localDay(clock.now(), house.timeZone))
        throw new Problem('not-valid', `querystring/day ${day} is in the future`)
      return weighingView({ registry, series, clock }, farm.id, house, request.query)
    },
  )

  app.get(
    routes.calibrations,
    {
      config: { door: 'member' },
      schema: { tags, params: HousePath, response: { 200: Type.Array(CalibrationView), ...problems } },
    },
    async (request) => {
      const { farm } = memberAt(request)
      const house = await houseAt(farm.id, request.params.house)
      return (await scales.calibrations(farm.id, house.id)).map(({ house: _house, ...view }) => view)
    },
  )

  app.post(
    routes.calibrations,
    {
      config: { door: 'member' },
      schema: {
        tags,
        params: HousePath,
        body: NewCalibration,
        response: { 200: CalibrationView, 201: CalibrationView, ...problems },
      },
    },
    async (request, reply) => {
      const { farm, person } = memberAt(request)
      const house = await houseAt(farm.id, request.params.house)
      const { device, emptyLoad, massLoad, massG, at } = request.body
      const known = (await series.latest(farm.id, house.id)).some(
        (one) => one.series.metric === 'scale.load' && one.series.device === device,
      )
      if (!known) throw new Problem('calibration-wrong', `there is no scale "${device}" in this house`)
      const now = clock.now()
      if (at > now + MAX_AHEAD_MS) throw new Problem('calibration-wrong', 'at is in the future')
      const found = calibrate(emptyLoad, massLoad, massG)
      if (!found.ok) throw new Problem('calibration-wrong', mistakes[found.mistake])
      const added = await scales.addCalibration(farm.id, house.id, request.body, {
        by: person.name,
        now,
        gramsPerLoad: found.gramsPerLoad,
      })
      if (added.kind === 'conflict')
        throw new Problem('already-there', `another calibration has the id ${request.body.id}`)
      if (added.kind === 'added') onChange(farm.id, house.id)
      reply.code(added.kind === 'added' ? 201 : 200)
      return added.value
    },
  )
}

/** What the edges of a farm need to know: for each scale the calibration that was made last. */
export async function wantedScales(registry: Registry, farm: string): Promise<ScaleLine[]> {
  const lines = new Map<string, ScaleLine>()
  for (const one of await registry.scales.calibrations(farm)) {
    const { house, device, emptyLoad, gramsPerLoad, at } = one
    const key = `${house}|${device}`
    if (!lines.has(key)) lines.set(key, { house, device, emptyLoad, gramsPerLoad, since: at })
  }
  return [...lines.values()]
}
