import type { KeyObject } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Problem } from '#domain/errors.ts'
import type { Clock } from '#domain/time.ts'
import { publicKeyFrom, verifyRequest } from '#request-signing/verify-request.ts'
import type { Edge, Edges } from '../registry/port.ts'

/** To read a key takes as long as to check with it. */
const KEYS_AT_HAND = 10_000

/** Finds the edge that signed a request whose body is still as received. Throws a Problem when none did. */
export function createEdgeAtDoor(edges: Edges, clock: Clock): (request: FastifyRequest) => Promise<Edge> {
  const keys = new Map<string, KeyObject>()
  const keyOf = ({ publicKey }: Edge) => {
    const key = keys.get(publicKey) ?? publicKeyFrom(publicKey)
    if (keys.size >= KEYS_AT_HAND) keys.clear()
    keys.set(publicKey, key)
    return key
  }
  return async ({ method, raw, headers, body }) => {
    const bytes = body ?? new Uint8Array()
    if (!(bytes instanceof Uint8Array)) throw new Error('a route for edges needs its body as bytes')
    let edge: Edge | undefined
    const verdict = await verifyRequest(
      { method, url: raw.url ?? '', headers: plain(headers), body: bytes },
      async (id) => {
        edge = await edges.byId(id)
        return edge && keyOf(edge)
      },
      clock.now(),
    )
    if (verdict.ok && edge) return edge
    throw verdict.ok ? new Problem('edge-unknown', 'no such edge') : new Problem(verdict.code, verdict.detail)
  }
}

/** A header that came several times counts as one list (RFC 9110, 5.3). */
function plain(headers: FastifyRequest['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}
