import { createServer } from 'node:http'

export type HealthServer = { port: number; close(): Promise<void> }

/** `isWell` decides between 200 and 503; the rest is for people. */
export type Health = { isWell: boolean } & Readonly<Record<string, unknown>>

const MAX_CONNECTIONS = 32
const REQUEST_TIMEOUT_MS = 5_000

/** `GET /health` for the container's health check and for whoever stands in the house. Nothing here is secret. */
export async function openHealthServer(
  { host, port }: { host: string; port: number },
  health: () => Health,
): Promise<HealthServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    const isFound = request.url === '/health' && (request.method === 'GET' || request.method === 'HEAD')
    const body = isFound ? health() : { isWell: false, detail: 'GET /health is all there is' }
    response.writeHead(isFound ? (body.isWell ? 200 : 503) : 404, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    })
    response.end(request.method === 'HEAD' ? undefined : `${JSON.stringify(body)}\n`)
  })
  server.maxConnections = MAX_CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
