import { Type } from 'typebox'
import { AlarmsQuery, AlarmView } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { Problem } from '#domain/errors.ts'
import type { Clock } from '#domain/time.ts'
import type { App } from '../http/app.ts'
import { memberAt } from '../http/doors.ts'
import { problems } from '../http/problems.ts'
import type { Registry } from '../registry/port.ts'

type Deps = {
  registry: Registry
  clock: Clock
  onAcknowledged(farm: string, alarm: AlarmView): void
}

const tags = ['farm']

export function alarmRoutes(app: App, { registry, clock, onAcknowledged }: Deps): void {
  app.get(
    routes.alarms,
    {
      config: { door: 'member' },
      schema: {
        tags,
        params: Type.Object({ farm: Type.String() }),
        querystring: AlarmsQuery,
        response: { 200: Type.Array(AlarmView), ...problems },
      },
    },
    async (request) => registry.alarms.find(memberAt(request).farm.id, request.query),
  )

  app.post(
    routes.acknowledge,
    {
      config: { door: 'member' },
      schema: {
        tags,
        params: Type.Object({ farm: Type.String(), alarm: Type.String({ maxLength: 300 }) }),
        response: { 200: AlarmView, ...problems },
      },
    },
    async (request) => {
      const { farm, person } = memberAt(request)
      const { alarm: id } = request.params
      const by = { name: person.name, now: clock.now() }
      const acknowledged = await registry.alarms.acknowledge(farm.id, id, by)
      if (!acknowledged) throw new Problem('not-found', `there is no alarm "${id}" on this farm`)
      if (acknowledged.changed) onAcknowledged(farm.id, acknowledged.alarm)
      return acknowledged.alarm
    },
  )
}
