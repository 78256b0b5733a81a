import { readFileSync } from 'node:fs'
import type { InfluxOptions } from './influx/influx-client.ts'

/** What the environment says, as text; main.ts knows the names. Empty counts as absent. */
export type RawSettings = Partial<
  Record<
    | 'port'
    | 'logLevel'
    | 'maxDatabaseMB'
    | 'certFile'
    | 'keyFile'
    | 'influxUrl'
    | 'influxDatabase'
    | 'influxUser'
    | 'influxPasswordFile',
    string | undefined
  >
>

export type Settings = {
  port: number
  logLevel: string
  maxDatabaseBytes?: number
  tls?: { cert: string; key: string }
  influx?: InfluxOptions
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** Reads the settings and the files they name; all mistakes at once, each with the name of its variable. */
export function readSettings(
  raw: RawSettings,
): { ok: true; settings: Settings } | { ok: false; mistakes: string[] } {
  const mistakes: string[] = []
  const read = (name: string, file: string): string => {
    try {
      return readFileSync(file, 'utf8').trim()
    } catch (error) {
      mistakes.push(`${name}: ${file} cannot be read: ${error instanceof Error ? error.message : error}`)
      return ''
    }
  }
  const allOrNone = (values: Record<string, string | undefined>): boolean => {
    const missing = Object.keys(values).filter((name) => !values[name])
    if (missing.length === 0) return true
    if (missing.length < Object.keys(values).length) {
      mistakes.push(
        `${missing.join(' and ')}: missing, and the others of ${Object.keys(values).join(', ')} are set`,
      )
    }
    return false
  }

  const { port = '8080', logLevel = 'info', maxDatabaseMB, certFile, keyFile, influxUrl } = raw
  const settings: Settings = { port: Number(port), logLevel }
  if (!/^\d+$/.test(port) || settings.port > 65_535)
    mistakes.push(`FLOCKWISE_PORT: "${port}" is no port (0 to 65535)`)
  if (!LOG_LEVELS.includes(logLevel))
    mistakes.push(`FLOCKWISE_LOG: "${logLevel}" is not one of ${LOG_LEVELS.join(', ')}`)
  if (maxDatabaseMB) {
    settings.maxDatabaseBytes = Number(maxDatabaseMB) * 1e6
    if (!(settings.maxDatabaseBytes > 0))
      mistakes.push(`FLOCKWISE_MAX_DATABASE_MB: "${maxDatabaseMB}" is no number of megabytes above 0`)
  }
  if (allOrNone({ FLOCKWISE_TLS_CERT: certFile, FLOCKWISE_TLS_KEY: keyFile })) {
    settings.tls = {
      cert: read('FLOCKWISE_TLS_CERT', certFile ?? ''),
      key: read('FLOCKWISE_TLS_KEY', keyFile ?? ''),
    }
  }
  const { influxDatabase, influxUser, influxPasswordFile } = raw
  const influx = {
    FLOCKWISE_INFLUX_URL: influxUrl,
    FLOCKWISE_INFLUX_DATABASE: influxDatabase,
    FLOCKWISE_INFLUX_USER: influxUser,
    FLOCKWISE_INFLUX_PASSWORD_FILE: influxPasswordFile,
  }
  if (allOrNone(influx)) {
    if (!URL.canParse(influxUrl ?? '')) mistakes.push(`FLOCKWISE_INFLUX_URL: "${influxUrl}" is no address`)
    const password = read('FLOCKWISE_INFLUX_PASSWORD_FILE', influxPasswordFile ?? '')
    settings.influx = {
      url: influxUrl ?? '',
      database: influxDatabase ?? '',
      user: influxUser ?? '',
      password,
    }
  }
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, settings }
}
