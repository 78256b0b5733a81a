import fastifyHelmet from '@fastify/helmet'
import fastifyRateLimit from '@fastify/rate-limit'
import { Problem } from '#domain/errors.ts'
import { MINUTE } from '#domain/time.ts'
import type { App } from './app.ts'

/** Requests that one address may send in a minute. Edges have their own count: a backlog drains in many batches. */
export type RequestLimits = { people: number; edges: number }
export const defaultRequestLimits: RequestLimits = { people: 3000, edges: 120_000 }

/** Security headers, and a limit on how much one address may ask. */
export async function raiseShields(app: App, limits: RequestLimits, isTls: boolean): Promise<void> {
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Behind a proxy, TLS and its promises are the proxy's; on a farm's own network there may be none.
    strictTransportSecurity: isTls,
    crossOriginOpenerPolicy: isTls,
    originAgentCluster: isTls,
  })

  await app.register(fastifyRateLimit, { global: false })
  const check = {
    people: app.createRateLimit({ max: limits.people, timeWindow: MINUTE }),
    edges: app.createRateLimit({ max: limits.edges, timeWindow: MINUTE }),
  }
  app.addHook('onRequest', async (request, reply) => {
    // What a person may see must not stay in a cache that others use.
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store')
    const isEdge = !request.is404 && request.routeOptions.config.door === 'edge'
    const verdict = await check[isEdge ? 'edges' : 'people'](request)
    if (verdict.isAllowed || !verdict.isExceeded) return
    throw new Problem('too-many', 'too many requests from this address', {
      retryAfterS: verdict.ttlInSeconds,
    })
  })
}
