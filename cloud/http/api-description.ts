import fastifySwagger from '@fastify/swagger'
import fastifySwaggerUi from '@fastify/swagger-ui'
import { Type } from 'typebox'
import type { App } from './app.ts'
import type { Door } from './doors.ts'
import { openToAnyone } from './file-scope.ts'

/** Register before the routes: it listens to them as they are added. */
export async function describeApi(app: App): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Flockwise',
        version: '1',
        description:
          'A farm, its houses, flocks, alarms and series. Times are UTC milliseconds, errors are problem+json (RFC 9457).',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'people', description: 'First run, logging in' },
        { name: 'farm', description: 'What the phone page reads and writes' },
        { name: 'edge', description: 'What a box in the house sends, each request signed with its key' },
      ],
      components: {
        securitySchemes: {
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'flockwise',
            description: 'Over TLS: __Host-flockwise',
          },
          signature: {
            type: 'http',
            scheme: 'signature',
            description:
              'HTTP message signature (RFC 9421), Ed25519, over @method @path @query content-digest',
          },
        },
      },
    },
    transform: ({ schema, url, route }) => ({
      schema: { ...schema, security: securityOf[route.config?.door ?? 'anyone'] },
      url,
    }),
  })

  await app.register(async (scope: App) => {
    openToAnyone(scope)
    scope.get(
      '/api/openapi.json',
      {
        schema: {
          hide: true,
          response: { 200: Type.Unsafe<object>({ type: 'object', additionalProperties: true }) },
        },
      },
      async () => app.swagger(),
    )
    await scope.register(fastifySwaggerUi, {
      routePrefix: '/api/docs',
      staticCSP: {
        'default-src': "'self'",
        'img-src': ["'self'", 'data:'],
        'style-src': ["'self'", "'unsafe-inline'"],
        'object-src': "'none'",
        'base-uri': "'none'",
        'frame-ancestors': "'none'",
      },
    })
  })
}

const securityOf: Record<Door, Record<string, string[]>[]> = {
  anyone: [],
  person: [{ session: [] }],
  member: [{ session: [] }],
  edge: [{ signature: [] }],
}
