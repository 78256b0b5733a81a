import { Type } from 'typebox'
import { routes } from '#domain/api/routes.ts'
import { type EdgeLedger, LedgerQuery, LedgerView, shareOut, sumByDay, sumByStream } from '#domain/ledger.ts'
import { type Clock, DAY } from '#domain/time.ts'
import type { App } from '../http/app.ts'
import { memberAt } from '../http/doors.ts'
import { problems } from '../http/problems.ts'
import type { Registry } from '../registry/port.ts'
import type { LedgerBook, LedgerRows } from './port.ts'

type Deps = { registry: Registry; ledger: LedgerBook; clock: Clock }

const DEFAULT_DAYS = 30
/** Whoever asks is to be told of what was lost since it was counted; that often, as it is many small queries. */
const COUNTED_AGAIN_MS = DAY

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
      const [connected, told] = await Promise.all([registry.edges.of(farm.id), ledger.edges(farm.id)])
      const ids = connected.map(({ id }) => id)
      const retired = told.filter((edge) => !ids.includes(edge))
      const rows = await Promise.all(
        [...retired, ...ids].map(async (edge) => ({ edge, ...(await ledger.read(edge, from, to)) })),
      )
      await countOldAgain(rows, clock.now() - COUNTED_AGAIN_MS)
      const edges = shareOut(rows)
        .filter(({ edge, days }) => days.length > 0 || !retired.includes(edge))
        .map((row) => ({ ...ledgerOf(row), isRetired: retired.includes(row.edge) }))
      return { from, to, edges }

      async function countOldAgain(rows: readonly EdgeRows[], countedBefore: number) {
        for (const { edge, streams } of rows) {
          if (!streams.some(({ inCloud, countedAt }) => inCloud !== null && countedAt < countedBefore))
            continue
          await ledger
            .countAgain(edge, from, to, countedBefore)
            // Of a disk that takes nothing one can still read.
            .catch((error) => request.log.warn({ err: error }, 'the ledger is not counted again'))
        }
      }
    },
  )
}

type EdgeRows = LedgerRows & { edge: string }

function ledgerOf({ edge, numbers, days, streams }: EdgeRows): Omit<EdgeLedger, 'isRetired'> {
  const sums = sumByDay(streams)
  return {
    edge,
    numbers,
    days: days.flatMap((day) => {
      const sum = sums.get(day.day)
      return sum ? [{ ...sum, ...day }] : []
    }),
    streams: sumByStream(streams),
  }
}

const dayOf = (t: number) => new Date(t).toISOString().slice(0, 10)
