import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Compile } from 'typebox/compile'
import { FaultSwitch } from './fault.ts'

export type ControlServer = { port: number; close(): Promise<void> }
export type Controlled = {
  state(): unknown
  /** Undefined when done, else what was wrong. */
  setFault(change: FaultSwitch): Promise<string | undefined>
}

const LONGEST_BODY = 10_000
const faultSwitch = Compile(FaultSwitch)

/**
 * The strings by which a story, a test or a person moves the simulated houses, on 127.0.0.1 only:
 * `GET /state` tells the truth, `POST /faults {house, fault, on, line?, unit?}` breaks and mends.
 */
export async function openControlServer(port: number, controlled: Controlled): Promise<ControlServer> {
  const server = createServer((request, response) => {
    answer(request, controlled).then(
      ({ status, body }) => send(response, status, body),
      (error: unknown) => send(response, 500, { error: String(error) }),
    )
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Answer = { status: number; body: unknown }
const refusal = (status: number, error: string): Answer => ({ status, body: { error } })

async function answer(request: IncomingMessage, { state, setFault }: Controlled): Promise<Answer> {
  const path = request.url?.split('?')[0]
  if (path === '/state' && request.method === 'GET') return { status: 200, body: state() }
  if (path !== '/faults' || request.method !== 'POST')
    return refusal(404, 'there are GET /state and POST /faults')
  const text = await bodyOf(request)
  if (text === undefined) return refusal(413, `a body holds at most ${LONGEST_BODY} bytes`)
  const change = parse(text)
  if (!faultSwitch.Check(change)) {
    const mistakes = faultSwitch
      .Errors(change)
      .map(({ instancePath, message }) => `${instancePath || '/'} ${message}`)
    return refusal(400, mistakes.join('; '))
  }
  const wrong = await setFault(change)
  return wrong === undefined ? { status: 200, body: change } : refusal(404, wrong)
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > LONGEST_BODY) return undefined
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}
