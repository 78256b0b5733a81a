import { Type } from 'typebox'
import { routes } from '#domain/api/routes.ts'
import { type EdgeLedger, LedgerQuery, LedgerView, sumByDay, sumByStream } from '#domain/ledger.ts'
import { type Clock, DAY } from '#domain/time.ts'
import type { App } from '../http/app.ts'
import { memberAt } from '../http/doors.ts'
import { problems } from '../http/problems.ts'
import type { Registry } from '../registry/port.ts'
import type { LedgerBook, LedgerRows } from './port.ts'

type Deps = { registry: Registry; ledger: LedgerBook; clock: Clock }

const DEFAULT_DAYS = 30

export function ledgerRoutes(app: App, { registry, ledger, clock }: Deps): void {
  app.get(
    routes.ledger,
    {
      config: { door: 'member' },
      schema: {
        tags: ['farm'],
        params: Type.Object({ farm: Type.String() }),
        querystring: LedgerQuery,
        response: { 200: LedgerView, ...problems },
      },
    },
    async (request) => {
      const { farm } = memberAt(request)
      const { from = dayOf(clock.now() - DEFAULT_DAYS * DAY), to = dayOf(clock.now() + DAY) } = request.query
      const edges = await registry.edges.of(farm.id)
      const ledgers = edges.map(async ({ id }) => ledgerOf(id, await ledger.read(id, from, to)))
      return { from, to, edges: await Promise.all(ledgers) }
    },
  )
}

function ledgerOf(edge: string, { numbers, days, streams }: LedgerRows): EdgeLedger {
  const sums = sumByDay(streams)
  return {
    edge,
    numbers,
    days: days.flatMap((day) => {
      const sum = sums.get(day.day)
      // What a damaged disk took is missing too, and known to be.
      return sum ? [{ ...sum, ...day, missing: Math.max(0, sum.missing - day.damaged) }] : []
    }),
    streams: sumByStream(streams),
  }
}

const dayOf = (t: number) => new Date(t).toISOString().slice(0, 10)
