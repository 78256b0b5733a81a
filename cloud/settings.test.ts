import { expect, it } from 'vitest'
import { readSettings } from './settings.ts'

it('has defaults for everything', () => {
  expect(readSettings({})).toEqual({ ok: true, settings: { port: 8080, logLevel: 'info' } })
})

it('names all mistakes at once, by the names of their variables', () => {
  const read = readSettings({
    port: '80a80',
    logLevel: 'loud',
    maxDatabaseMB: 'abc',
    certFile: '/none.pem',
    influxUrl: 'nowhere',
    influxDatabase: 'flockwise',
  })
  if (read.ok) expect.unreachable()
  expect(read.mistakes.map((mistake) => mistake.split(':')[0])).toEqual([
    'FLOCKWISE_PORT',
    'FLOCKWISE_LOG',
    'FLOCKWISE_MAX_DATABASE_MB',
    'FLOCKWISE_TLS_KEY',
    'FLOCKWISE_INFLUX_USER and FLOCKWISE_INFLUX_PASSWORD_FILE',
  ])
})

it('names a file that it cannot read', () => {
  const read = readSettings({ certFile: '/none.pem', keyFile: '/none.key' })
  if (read.ok) expect.unreachable()
  expect(read.mistakes).toEqual([
    expect.stringMatching(/FLOCKWISE_TLS_CERT: \/none\.pem cannot be read/),
    expect.stringMatching(/FLOCKWISE_TLS_KEY: \/none\.key cannot be read/),
  ])
})
