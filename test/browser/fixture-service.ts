import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { LiveEvent, ProblemBody } from '#domain/api/farm.ts'
import { type Route, routes } from '#domain/api/routes.ts'
import { type ErrorCode, errors } from '#domain/errors.ts'
import { chartAnswer, createFixtureFarm, type FarmState } from './fixture-farm.ts'

/** How the service behaves, beside what its farm looks like. */
export type Behaviour = FarmState | 'loading' | 'error' | 'logged-out' | 'needs-setup' | 'no-farm'

export type Post = { method: string; path: string; body: unknown }

export type FixtureService = {
  url: string
  /** What the page sent, oldest first. */
  posts: Post[]
  behave(behaviour: Behaviour): void
  /** Refuses the next post with this problem. */
  refuseNext(code: ErrorCode, detail: string): void
  push(event: LiveEvent): void
  /** How many streams are open, and the houses that they watch. */
  streams(): number
  watched(): string[]
  /** Bytes of these paths as they would travel: files as the build compressed them, answers with gzip. */
  compressedBytes(paths: readonly string[]): Promise<number>
  /** Pulls the plug: nothing answers on this port until `restore`. */
  cut(): Promise<void>
  restore(): Promise<void>
  close(): Promise<void>
}

/** As the service sends it: no inline script, no inline style. */
const POLICY =
  "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'"
const types: Partial<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}

/** The built page and the cloud's API, at the wire, with canned answers in the domain's schemas. */
export async function startFixtureService(page: string, first: Behaviour): Promise<FixtureService> {
  let behaviour = first
  let refusal: { code: ErrorCode; detail: string } | undefined
  const posts: Post[] = []
  const streams = new Map<ServerResponse, string | null>()
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => void answer(request, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fixture')
    if (!url.pathname.startsWith('/api/')) return serveFile(page, url.pathname, response)
    if (request.method !== 'GET') return take(request, url.pathname, response)
    if (behaviour === 'logged-out' || behaviour === 'needs-setup') {
      if (url.pathname === routes.setup) return json(response, 200, { needed: behaviour === 'needs-setup' })
      return problem(response, 'not-logged-in', 'log in first')
    }
    const farm = createFixtureFarm(isFarmState(behaviour) ? behaviour : 'normal', Date.now())
    if (url.pathname === routes.session)
      return json(response, 200, behaviour === 'no-farm' ? { ...farm.me, farms: [] } : farm.me)
    if (behaviour === 'loading') return
    if (behaviour === 'error') return problem(response, 'store-down', 'the disk is full')
    if (isAt(routes.live, url.pathname)) return stream(response, url.searchParams.get('house'))
    if (isAt(routes.overview, url.pathname)) return json(response, 200, farm.overview)
    if (isAt(routes.alarms, url.pathname)) return json(response, 200, farm.alarms)
    if (isAt(routes.ledger, url.pathname)) return json(response, 200, farm.ledger)
    if (isAt(routes.health, url.pathname)) return json(response, 200, farm.health)
    if (isAt(routes.entries, url.pathname)) return json(response, 200, farm.entries)
    if (isAt(routes.thermal, url.pathname))
      return json(response, 200, url.pathname.includes('house-1') ? farm.thermal : [])
    if (isAt(routes.series, url.pathname)) {
      const wanted = (name: string) => Number(url.searchParams.get(name))
      return json(
        response,
        200,
        chartAnswer(url.searchParams.get('metric') ?? '', wanted('from'), wanted('to'), wanted('points')),
      )
    }
    const house =
      isAt(routes.house, url.pathname) &&
      farm.overview.houses.find(({ id }) => url.pathname.endsWith(`/${id}`))
    if (house) return json(response, 200, house)
    problem(response, 'not-found', url.pathname)
  }

  async function take(request: IncomingMessage, pathname: string, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request) text += chunk
    posts.push({
      method: request.method ?? '',
      path: pathname,
      body: text === '' ? undefined : JSON.parse(text),
    })
    if (refusal) {
      const { code, detail } = refusal
      refusal = undefined
      return problem(response, code, detail)
    }
    if (pathname === routes.session || pathname === routes.setup)
      behaviour = request.method === 'DELETE' ? 'logged-out' : 'normal'
    if (isAt(routes.enrolmentCodes, pathname))
      return json(response, 200, { code: 'K7QD-M2XP', expiresAt: Date.now() + 3_600_000 })
    response.writeHead(204).end()
  }

  function stream(response: ServerResponse, house: string | null): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(': hello\n\n')
    streams.set(response, house)
    response.on('close', () => streams.delete(response))
  }

  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const cut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  await listen(0)
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}/`,
    posts,
    behave(next) {
      behaviour = next
    },
    refuseNext(code, detail) {
      refusal = { code, detail }
    },
    push({ kind, ...rest }) {
      for (const response of streams.keys())
        response.write(`event: ${kind}\ndata: ${JSON.stringify(rest)}\n\n`)
    },
    streams: () => streams.size,
    watched: () => [...streams.values()].filter((house) => house !== null),
    async compressedBytes(paths) {
      const farm = createFixtureFarm('normal', Date.now())
      const answers = [farm.me, farm.overview, farm.alarms].map(
        (body) => gzipSync(JSON.stringify(body)).length,
      )
      const files = await Promise.all(
        paths
          .filter((path) => !path.startsWith('/api/'))
          .map(async (path) => {
            const file = join(page, path === '/' ? 'index.html' : path)
            return (await readFile(`${file}.br`).catch(() => readFile(file))).length
          }),
      )
      return [...answers, ...files].reduce((sum, bytes) => sum + bytes, 0)
    },
    cut,
    restore: () => listen(port),
    close: cut,
  }
}

function isFarmState(behaviour: Behaviour): behaviour is FarmState {
  return (['normal', 'empty', 'stale', 'alarm'] as Behaviour[]).includes(behaviour)
}

function isAt(route: Route, pathname: string): boolean {
  return new RegExp(`^${route.replace(/:\w+/g, '[^/]+')}$`).test(pathname)
}

async function serveFile(folder: string, pathname: string, response: ServerResponse): Promise<void> {
  const path = normalize(pathname === '/' ? '/index.html' : pathname)
  try {
    const bytes = await readFile(join(folder, path))
    response.writeHead(200, {
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
      'cache-control': 'no-cache',
    })
    response.end(bytes)
  } catch {
    response.writeHead(404).end()
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function problem(response: ServerResponse, code: ErrorCode, detail: string): void {
  const { status } = errors[code]
  const body: ProblemBody = { type: 'about:blank', title: code, status, detail, code }
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body))
}
