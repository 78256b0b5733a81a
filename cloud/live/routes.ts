import { Type } from 'typebox'
import { ThermalView } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { Problem } from '#domain/errors.ts'
import type { App } from '../http/app.ts'
import { memberAt } from '../http/doors.ts'
import { problems } from '../http/problems.ts'
import type { Registry } from '../registry/port.ts'
import type { Hub } from './hub.ts'
import type { ThermalFrames } from './thermal-frames.ts'

const tags = ['farm']
const strict = { additionalProperties: false } as const

export function liveRoutes(
  app: App,
  { hub, frames, registry }: { hub: Hub; frames: ThermalFrames; registry: Registry },
): void {
  const checkHouse = async (farm: string, house: string) => {
    if (!(await registry.farms.house(farm, house))) {
      throw new Problem('not-found', `there is no house "${house}" on this farm`)
    }
  }

  app.get(
    routes.live,
    {
      config: { door: 'member' },
      schema: {
        tags,
        params: Type.Object({ farm: Type.String() }),
        querystring: Type.Object({ house: Type.Optional(Type.String({ maxLength: 64 })) }, strict),
        response: {
          200: {
            description: 'Server-sent events: LiveEvent by kind',
            content: { 'text/event-stream': { schema: Type.Unsafe<unknown>({ type: 'string' }) } },
          },
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const { farm, session } = memberAt(request)
      const { house } = request.query
      if (house !== undefined) await checkHouse(farm.id, house)
      const stream = hub.watch(farm.id, { house, session })
      if (!stream) throw new Problem('too-many', 'too many pages watch already', { retryAfterS: 30 })
      return reply
        .header('content-type', 'text/event-stream')
        .header('cache-control', 'no-store, no-transform')
        .header('x-accel-buffering', 'no')
        .send(stream)
    },
  )

  app.get(
    routes.thermal,
    {
      config: { door: 'member' },
      schema: {
        tags,
        params: Type.Object({ farm: Type.String(), house: Type.String() }),
        response: { 200: Type.Array(ThermalView), ...problems },
      },
    },
    async (request) => {
      const { farm } = memberAt(request)
      await checkHouse(farm.id, request.params.house)
      return frames.of(farm.id, request.params.house)
    },
  )
}
