import { createServer } from 'node:http'

export type HealthServer = { port: number; close(): Promise<void> }

export type HealthPages = {
  health(): Health
  /** Prometheus' text format. */
  metrics(): string
}

/** `isWell` decides between 200 and 503; the rest is for people. */
export type Health = { isWell: boolean } & Readonly<Record<string, unknown>>

const MAX_CONNECTIONS = 32
const REQUEST_TIMEOUT_MS = 5_000

/**
 * `GET /health` for the container's health check and for whoever stands in the house, `GET /metrics` for
 * Prometheus. Nothing here is secret.
 */
export async function openHealthServer(
  { host, port }: { host: string; port: number },
  { health, metrics }: HealthPages,
): Promise<HealthServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const isMetrics = isRead && request.url === '/metrics'
    const isHealth = isRead && request.url === '/health'
    const body = isHealth
      ? health()
      : { isWell: isMetrics, detail: 'GET /health and GET /metrics are all there is' }
    response.writeHead(body.isWell ? 200 : isHealth ? 503 : 404, {
      'content-type': isMetrics ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    })
    response.end(request.method === 'HEAD' ? undefined : isMetrics ? metrics() : `${JSON.stringify(body)}\n`)
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
