import fastifyStatic from '@fastify/static'
import type { FastifyRequest } from 'fastify'
import { Problem } from '#domain/errors.ts'
import type { Counters } from '../counters.ts'
import type { App } from './app.ts'
import { openToAnyone } from './file-scope.ts'
import { sendProblem } from './problems.ts'

/** A name that the page's build gave after the content: it never means anything else. */
const HASHED = /[-.][A-Za-z0-9_-]{8,}\.\w+(\.(br|gz))?$/

/**
 * Serves the built phone page from `directory`, and its `index.html` for every path of its own: whatever is
 * not under /api. Without a directory there is only the API.
 */
export async function servePage(app: App, directory: string | undefined, counters: Counters): Promise<void> {
  if (directory !== undefined) {
    await app.register(async (scope: App) => {
      openToAnyone(scope)
      await scope.register(fastifyStatic, {
        root: directory,
        preCompressed: true,
        cacheControl: false,
        dotfiles: 'ignore',
        setHeaders: (reply, path) => {
          const isAsset = path.includes('/assets/') && HASHED.test(path)
          reply.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache')
        },
      })
    })
  }

  app.setNotFoundHandler((request, reply) => {
    if (directory !== undefined && isPageOfApp(request)) {
      return reply.header('cache-control', 'no-cache').sendFile('index.html', directory)
    }
    const problem = new Problem('not-found', `there is no ${request.method} ${pathOf(request)} here`)
    return sendProblem(counters, problem, request, reply)
  })
}

/** A path that the page's own router knows: no API, and no file that is missing. */
function isPageOfApp(request: FastifyRequest): boolean {
  const path = pathOf(request)
  return request.method === 'GET' && path !== '/api' && !path.startsWith('/api/') && !/\.\w+$/.test(path)
}

const pathOf = ({ url }: FastifyRequest) => url.split('?', 1)[0] ?? ''
