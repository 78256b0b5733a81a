import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Clock } from '#domain/time.ts'
import { createCloud } from './create-cloud.ts'
import { readSettings } from './settings.ts'

const {
  FLOCKWISE_HOST: host = '127.0.0.1',
  FLOCKWISE_PORT: port,
  FLOCKWISE_DATA_DIR: dataDir = './data',
  FLOCKWISE_PAGE_DIR: pageDir = join(import.meta.dirname, '../dashboards/dist'),
  FLOCKWISE_MAX_DATABASE_MB: maxDatabaseMB,
  FLOCKWISE_TLS_CERT: certFile,
  FLOCKWISE_TLS_KEY: keyFile,
  FLOCKWISE_INFLUX_URL: influxUrl,
  FLOCKWISE_INFLUX_DATABASE: influxDatabase,
  FLOCKWISE_INFLUX_USER: influxUser,
  FLOCKWISE_INFLUX_PASSWORD_FILE: influxPasswordFile,
  FLOCKWISE_LOG: logLevel,
  TRUST_PROXY: trustProxy,
} = process.env

const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
const say = (text: string) => process.stdout.write(`flockwise cloud: ${text}\n`)

const read = readSettings({
  port,
  logLevel,
  maxDatabaseMB,
  certFile,
  keyFile,
  influxUrl,
  influxDatabase,
  influxUser,
  influxPasswordFile,
})
if (!read.ok) {
  process.stderr.write(
    `flockwise cloud does not start:\n${read.mistakes.map((mistake) => `  ${mistake}\n`).join('')}`,
  )
  process.exit(2)
}
const { settings } = read
if (settings.influx) say(`readings are kept in InfluxDB, database ${settings.influx.database}`)

mkdirSync(dataDir, { recursive: true, mode: 0o700 })
const hasPage = existsSync(join(pageDir, 'index.html'))
if (!hasPage) say(`no page at ${pageDir}: only the API is served`)

const cloud = await createCloud({
  database: join(dataDir, 'cloud.sqlite'),
  clock,
  announce: (code) => say(`first run. Set-up code: ${code}`),
  log: { level: settings.logLevel },
  ...(hasPage && { pageDirectory: resolve(pageDir) }),
  ...(settings.maxDatabaseBytes && { maxDatabaseBytes: settings.maxDatabaseBytes }),
  ...(settings.influx && { influx: settings.influx }),
  ...(settings.tls && { tls: settings.tls }),
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

const address = await cloud.app.listen({ host, port: settings.port }).catch((error: Error) => {
  process.stderr.write(`flockwise cloud does not listen on ${host}:${settings.port}: ${error.message}\n`)
  process.exit(1)
})
say(`listening on ${settings.tls ? address.replace('http:', 'https:') : address}`)
