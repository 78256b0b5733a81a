import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import fastify, { type FastifyServerOptions, LogController } from 'fastify'
import { Problem } from '#domain/errors.ts'
import { SECOND } from '#domain/time.ts'
import type { Counters } from '../counters.ts'
import type { App } from './app.ts'
import { sendProblem } from './problems.ts'

export type AppOptions = {
  log?: FastifyServerOptions['logger']
  /** PEM. Without it a proxy in front ends TLS, or nobody does. */
  tls?: { cert: string; key: string }
  /** Which proxies may say who the client is: addresses and networks. */
  trustProxy?: string[]
}

/** Enough for every form of the page; edges have limits of their own. */
const BODY_BYTES = 64 * 1024

/**
 * A request must have arrived in a minute. Edges speak every minute: their connections are kept open for longer than
 * that, and than proxies commonly keep theirs, as a new one costs them some kilobytes.
 */
const timeouts = { requestTimeout: 60 * SECOND, keepAliveTimeout: 150 * SECOND }

/** The bare web framework, with our ways of validating and of listening. */
export function openApp({ log, tls, trustProxy }: AppOptions, counters: Counters): App {
  const app = fastify({
    logger: log ?? false,
    // A line for each request would be most of the log, and addresses in it personal data.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: trustProxy ?? false,
    bodyLimit: BODY_BYTES,
    exposeHeadRoutes: false,
    // Before there is a route there is no error handler of ours: a path that is no URL.
    frameworkErrors: (error, request, reply) => {
      sendProblem(counters, new Problem('not-valid', error.message), request, reply)
    },
    routerOptions: { maxParamLength: 400 },
    serverFactory: (handler) =>
      tls ? createHttpsServer({ ...timeouts, ...tls }, handler) : createHttpServer(timeouts, handler),
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  // A form of another site can send text/plain without asking first.
  app.removeContentTypeParser('text/plain')
  return app
}
