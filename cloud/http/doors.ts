import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Farm } from '#domain/api/farm.ts'
import { Problem } from '#domain/errors.ts'
import type { Edge, Person, Registry } from '../registry/port.ts'
import type { App } from './app.ts'
import { refuseCrossSite } from './cross-site.ts'

/**
 * Whom a route lets in. Every route says so in its `config`; one that does not lets in nobody.
 * `member`: a logged-in person who belongs to the farm in the path. `edge`: a box whose signature fits.
 */
export type Door = 'anyone' | 'person' | 'member' | 'edge'

/** Who stands at the door, as far as we know. */
export type Visitor = { session?: string; person?: Person; farm?: Farm; edge?: Edge }

declare module 'fastify' {
  interface FastifyContextConfig {
    door?: Door
  }
  interface FastifyRequest {
    visitor: Visitor | null
  }
}

export type Doorkeepers = {
  registry: Registry
  /** The person behind the request's session cookie, which may be given anew. */
  personOf(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<{ person: Person; session: string } | undefined>
  /** The edge that signed the request, whose body is still as received. Throws a Problem. */
  edgeOf(request: FastifyRequest): Promise<Edge>
}

/** Puts the one check of all routes in front of them: before the body is read, or, for a signature, right after. */
export function guardDoors(app: App, { registry, personOf, edgeOf }: Doorkeepers): void {
  app.decorateRequest('visitor', null)

  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return
    const { door } = request.routeOptions.config
    if (door === undefined) throw new Problem('not-yours', 'this route lets in nobody')
    if (door === 'edge') {
      if (!request.headers.signature)
        throw new Problem('signature-missing', 'sign the request with the edge key (RFC 9421)')
      return
    }
    refuseCrossSite(request)
    if (door === 'anyone') return
    const found = await personOf(request, reply)
    if (!found) throw new Problem('not-logged-in', 'log in first')
    request.visitor = found
    if (door === 'member') request.visitor = { ...found, farm: await farmOf(request, found.person) }
  })

  app.addHook('preValidation', async (request) => {
    if (!request.is404 && request.routeOptions.config.door === 'edge') {
      request.visitor = { edge: await edgeOf(request) }
    }
  })

  /** A farm that is another's and one that does not exist look the same from outside. */
  const farmOf = async (request: FastifyRequest, person: Person): Promise<Farm> => {
    const { farm: id } = request.params as { farm?: string }
    const farm = id === undefined ? undefined : await registry.farms.ofMember(id, person.id)
    if (!farm) throw new Problem('not-yours', `you have no farm "${id}"`)
    return farm
  }
}

/** For handlers behind the door `person` or `member`. */
export function personAt(request: FastifyRequest): { person: Person; session: string } {
  const { person, session } = request.visitor ?? {}
  if (!person || session === undefined) throw new Error('this route needs the door "person"')
  return { person, session }
}

/** For handlers behind the door `member`. */
export function memberAt(request: FastifyRequest): { person: Person; session: string; farm: Farm } {
  const farm = request.visitor?.farm
  if (!farm) throw new Error('this route needs the door "member"')
  return { ...personAt(request), farm }
}

/** For handlers behind the door `edge`. */
export function edgeAt(request: FastifyRequest): Edge {
  const edge = request.visitor?.edge
  if (!edge) throw new Error('this route needs the door "edge"')
  return edge
}
