import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Clock } from '#domain/time.ts'
import { createCloud } from './create-cloud.ts'
import type { InfluxOptions } from './influx/influx-client.ts'

const {
  FLOCKWISE_HOST: host = '127.0.0.1',
  FLOCKWISE_PORT: port = '8080',
  FLOCKWISE_DATA_DIR: dataDir = './data',
  FLOCKWISE_PAGE_DIR: pageDir = join(import.meta.dirname, '../dashboards/dist'),
  FLOCKWISE_MAX_DATABASE_MB: maxDatabaseMB,
  FLOCKWISE_TLS_CERT: certFile,
  FLOCKWISE_TLS_KEY: keyFile,
  FLOCKWISE_INFLUX_URL: influxUrl,
  FLOCKWISE_INFLUX_DATABASE: influxDatabase,
  FLOCKWISE_INFLUX_USER: influxUser,
  FLOCKWISE_INFLUX_PASSWORD_FILE: influxPasswordFile,
  FLOCKWISE_LOG: logLevel = 'info',
  TRUST_PROXY: trustProxy,
} = process.env

const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
const say = (text: string) => process.stdout.write(`flockwise cloud: ${text}\n`)

mkdirSync(dataDir, { recursive: true, mode: 0o700 })
const hasPage = existsSync(join(pageDir, 'index.html'))
if (!hasPage) say(`no page at ${pageDir}: only the API is served`)

let influx: InfluxOptions | undefined
if (influxUrl) {
  if (!influxDatabase || !influxUser || !influxPasswordFile)
    throw new Error(
      'with FLOCKWISE_INFLUX_URL go FLOCKWISE_INFLUX_DATABASE, FLOCKWISE_INFLUX_USER and FLOCKWISE_INFLUX_PASSWORD_FILE',
    )
  const password = readFileSync(influxPasswordFile, 'utf8').trim()
  influx = { url: influxUrl, database: influxDatabase, user: influxUser, password }
  say(`readings are kept in InfluxDB at ${new URL(influxUrl).host}, database ${influxDatabase}`)
}

const cloud = await createCloud({
  database: join(dataDir, 'cloud.sqlite'),
  clock,
  announce: (code) => say(`first run. Set-up code: ${code}`),
  log: { level: logLevel },
  ...(hasPage && { pageDirectory: resolve(pageDir) }),
  ...(maxDatabaseMB && { maxDatabaseBytes: Number(maxDatabaseMB) * 1e6 }),
  ...(influx && { influx }),
  ...(certFile &&
    keyFile && { tls: { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') } }),
  ...(trustProxy && { trustProxy: trustProxy.split(',').map((part) => part.trim()) }),
})

const CLOSE_WITHIN_MS = 1_800
let isClosing = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (isClosing) return
    isClosing = true
    // What hangs must not keep the service from its end: everything that was answered is on disk already.
    setTimeout(() => process.exit(0), CLOSE_WITHIN_MS).unref()
    cloud.close().then(
      () => process.exit(0),
      (error: Error) => {
        say(`closing failed: ${error.message}`)
        process.exit(1)
      },
    )
  })
}

const address = await cloud.app.listen({ host, port: Number(port) })
say(`listening on ${certFile ? address.replace('http:', 'https:') : address}`)
