import { routes } from '#domain/api/routes.ts'
import { Problem } from '#domain/errors.ts'
import { LedgerStatement } from '#domain/ledger.ts'
import { type Clock, isDay } from '#domain/time.ts'
import type { App } from '../http/app.ts'
import { edgeAt } from '../http/doors.ts'
import { NoBody, problems } from '../http/problems.ts'
import type { LedgerBook } from './port.ts'

export type LedgerTaking = {
  ledger: Pick<LedgerBook, 'say'>
  clock: Clock
  /** There is something to count. */
  onSaid(): void
}

/** Days of six houses are some hundred streams: 20,000 streams of 300 bytes. */
const MAX_STATEMENT_BYTES = 6_000_000

export function ledgerEdgeRoute(app: App, { ledger, clock, onSaid }: LedgerTaking): void {
  app.post(
    routes.edgeLedger,
    {
      config: { door: 'edge' },
      bodyLimit: MAX_STATEMENT_BYTES,
      schema: { tags: ['edge'], body: LedgerStatement, response: { 204: NoBody, ...problems } },
    },
    async (request, reply) => {
      const { day } = request.body
      if (!isDay(day)) throw new Problem('not-valid', `the calendar has no day "${day}"`)
      await ledger.say(edgeAt(request), request.body, clock.now())
      onSaid()
      return reply.code(204).send(null)
    },
  )
}
