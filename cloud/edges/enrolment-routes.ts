import { randomBytes } from 'node:crypto'
import { Type } from 'typebox'
import { EnrolmentCode } from '#domain/api/farm.ts'
import { routes } from '#domain/api/routes.ts'
import { Problem } from '#domain/errors.ts'
import { Enrolment, EnrolmentAnswer } from '#domain/sync.ts'
import { type Clock, HOUR, MINUTE } from '#domain/time.ts'
import { publicKeyFrom } from '#request-signing/verify-request.ts'
import type { App } from '../http/app.ts'
import { memberAt } from '../http/doors.ts'
import { NoBody, problems } from '../http/problems.ts'
import { createAttemptLimit } from '../people/attempt-limit.ts'
import { hashCode, makeCode } from '../people/secret-code.ts'
import type { Edge, Registry } from '../registry/port.ts'

const CODE_GOOD_FOR_MS = HOUR

type Deps = {
  registry: Registry
  clock: Clock
  onEnrolled(edge: Edge): void
  /** `by` is the name of the person who retired it. */
  onRetired(farm: string, edge: string, by: string): Promise<void>
}

export function enrolmentRoutes(app: App, { registry, clock, onEnrolled, onRetired }: Deps): void {
  const byAddress = createAttemptLimit(clock, { most: 30, withinMs: 15 * MINUTE })

  app.post(
    routes.enrolmentCodes,
    {
      config: { door: 'member' },
      schema: {
        tags: ['farm'],
        params: Type.Object({ farm: Type.String() }),
        response: { 201: EnrolmentCode, ...problems },
      },
    },
    async (request, reply) => {
      const { farm, person } = memberAt(request)
      const code = makeCode(2)
      const now = clock.now()
      const expiresAt = now + CODE_GOOD_FOR_MS
      await registry.edges.addCode({ hash: hashCode(code), farm: farm.id, person: person.id, expiresAt, now })
      reply.code(201)
      return { code, expiresAt }
    },
  )

  app.delete(
    routes.edge,
    {
      config: { door: 'member' },
      schema: {
        tags: ['farm'],
        description:
          'Retires a box that does not come back: its key is refused, its silence no longer judged.',
        params: Type.Object({ farm: Type.String(), edge: Type.String({ maxLength: 64 }) }),
        response: { 204: NoBody, ...problems },
      },
    },
    async (request, reply) => {
      const { farm, person } = memberAt(request)
      if (!(await registry.farms.isOwner(farm.id, person.id)))
        throw new Problem('not-yours', 'only the owner of a farm takes a box away')
      const { edge } = request.params
      // Also when it is gone already: the last time may have ended between the two.
      await registry.edges.retire(farm.id, edge)
      await onRetired(farm.id, edge, person.name)
      return reply.code(204).send(null)
    },
  )

  app.post(
    routes.edgeEnrol,
    {
      config: { door: 'anyone' },
      schema: {
        tags: ['edge'],
        body: Enrolment,
        response: { 200: EnrolmentAnswer, 201: EnrolmentAnswer, ...problems },
      },
    },
    async (request, reply) => {
      const { code, publicKey } = request.body
      const waitMs = byAddress.tryAgainIn(request.ip)
      if (waitMs > 0) {
        throw new Problem('too-many', 'too many codes tried', { retryAfterS: Math.ceil(waitMs / 1000) })
      }
      if (!isKey(publicKey)) throw new Problem('not-valid', 'body/publicKey is no Ed25519 key')
      const id = `edge-${randomBytes(6).toString('hex')}`
      const enrolled = await registry.edges.enrol({
        codeHash: hashCode(code),
        publicKey,
        id,
        now: clock.now(),
      })
      if (!enrolled) {
        throw new Problem(
          'code-wrong',
          'this code is wrong, used or older than an hour; get a new one from the page',
        )
      }
      byAddress.forgive(request.ip)
      if (enrolled.isNew) onEnrolled(enrolled.edge)
      reply.code(enrolled.isNew ? 201 : 200)
      return { edge: enrolled.edge.id, farm: enrolled.edge.farm }
    },
  )
}

function isKey(raw: string): boolean {
  try {
    publicKeyFrom(raw)
    return true
  } catch {
    return false
  }
}
