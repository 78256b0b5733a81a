import { Type } from 'typebox'
import { Farm, HealthView, HouseView, NewFarm, NewHouse, Overview } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { Problem } from '#domain/errors.ts'
import { type Clock, isTimeZone } from '#domain/time.ts'
import type { Counters } from '../counters.ts'
import type { Presence } from '../edges/presence.ts'
import type { App } from '../http/app.ts'
import { memberAt, personAt } from '../http/doors.ts'
import { problems } from '../http/problems.ts'
import type { Registry } from '../registry/port.ts'
import type { HouseViews } from './house-view.ts'

type Deps = {
  registry: Registry
  houseViews: HouseViews
  presence: Presence
  counters: Counters
  clock: Clock
}

const tags = ['farm']
const FarmPath = Type.Object({ farm: Type.String() })

export function farmRoutes(app: App, { registry, houseViews, presence, counters, clock }: Deps): void {
  const { farms, edges } = registry
  const edgeViews = async (farm: string) => (await edges.of(farm)).map(presence.view)
  const views = async (farm: string) =>
    Promise.all((await farms.houses(farm)).map((house) => houseViews.view(farm, house)))

  app.get(
    routes.farms,
    { config: { door: 'person' }, schema: { tags, response: { 200: Type.Array(Farm), ...problems } } },
    async (request) => farms.of(personAt(request).person.id),
  )

  app.post(
    routes.farms,
    { config: { door: 'person' }, schema: { tags, body: NewFarm, response: { 201: Farm, ...problems } } },
    async (request, reply) => {
      checkZone(request.body.timeZone)
      if (!(await farms.add(request.body, personAt(request).person.id, clock.now()))) {
        throw new Problem('already-there', `the id "${request.body.id}" is taken`)
      }
      reply.code(201)
      return request.body
    },
  )

  app.get(
    routes.overview,
    {
      config: { door: 'member' },
      schema: { tags, params: FarmPath, response: { 200: Overview, ...problems } },
    },
    async (request) => {
      const { farm } = memberAt(request)
      return { t: clock.now(), farm, houses: await views(farm.id), edges: await edgeViews(farm.id) }
    },
  )

  app.get(
    routes.health,
    {
      config: { door: 'member' },
      schema: { tags, params: FarmPath, response: { 200: HealthView, ...problems } },
    },
    async (request) => {
      const { farm } = memberAt(request)
      return { t: clock.now(), edges: await edgeViews(farm.id), cloud: counters.view(farm.id) }
    },
  )

  app.get(
    routes.houses,
    {
      config: { door: 'member' },
      schema: { tags, params: FarmPath, response: { 200: Type.Array(HouseView), ...problems } },
    },
    async (request) => views(memberAt(request).farm.id),
  )

  app.post(
    routes.houses,
    {
      config: { door: 'member' },
      schema: { tags, params: FarmPath, body: NewHouse, response: { 201: HouseView, ...problems } },
    },
    async (request, reply) => {
      const { farm } = memberAt(request)
      checkZone(request.body.timeZone)
      if (!(await farms.addHouse(farm.id, request.body))) {
        throw new Problem('already-there', `this farm has a house "${request.body.id}"`)
      }
      reply.code(201)
      return houseViews.view(farm.id, request.body)
    },
  )

  app.get(
    routes.house,
    {
      config: { door: 'member' },
      schema: {
        tags,
        params: Type.Object({ farm: Type.String(), house: Type.String() }),
        response: { 200: HouseView, ...problems },
      },
    },
    async (request) => {
      const { farm } = memberAt(request)
      const house = await farms.house(farm.id, request.params.house)
      if (!house) throw new Problem('not-found', `there is no house "${request.params.house}" on this farm`)
      return houseViews.view(farm.id, house)
    },
  )
}

function checkZone(timeZone: string): void {
  if (isTimeZone(timeZone)) return
  throw new Problem('not-valid', `body/timeZone "${timeZone}" is no time zone; write e.g. Asia/Shanghai`)
}
