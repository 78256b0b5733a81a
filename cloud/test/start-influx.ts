import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { InfluxOptions } from '../influx/influx-client.ts'

/** Where setup.mjs unpacks it. */
const unpacked = join(import.meta.dirname, '../../node_modules/.cache/debian/usr/bin')
/** The server's program; Debian's package `influxdb` brings it. */
export const influxd = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin', unpacked]
  .map((folder) => join(folder, 'influxd'))
  .find((path) => existsSync(path))

/** To be put behind the title of what needs it. */
export const whyNoInflux = influxd ? '' : ' (skipped: influxd is not installed; Debian: influxdb)'

export type TestInflux = {
  /** A log-in that may read and write the database. */
  options: InfluxOptions
  /** Asked by the administrator; the rows of the first series. */
  ask(query: string): Promise<unknown[][]>
  /** As after a power cut. */
  kill(): Promise<void>
  /** Starts it again, on the same address and data. */
  start(): Promise<void>
  close(): Promise<void>
}

/** A real InfluxDB on a port of its own, with log-ins on and its data in a folder that goes with it. */
export async function startInflux(): Promise<TestInflux> {
  const folder = mkdtempSync(join(tmpdir(), 'flockwise-influx-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const config = join(folder, 'influxdb.conf')
  writeFileSync(
    config,
    `reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  index-version = "tsi1"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  auth-enabled = true
  log-enabled = false
`,
  )
  let server: ChildProcess | undefined

  const start = async () => {
    server = spawn(influxd ?? 'influxd', ['run', '-config', config], { stdio: 'ignore' })
    for (let tries = 0; !(await fetch(`${url}/ping`).catch(() => undefined))?.ok; tries++) {
      if (tries > 300 || server.exitCode !== null) throw new Error('influxd did not start')
      await sleep(100)
    }
  }
  const kill = async () => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
  }
  const ask = async (q: string) => {
    const body = new URLSearchParams({ q, db: 'flockwise', epoch: 'ms' })
    const headers = { authorization: `Basic ${btoa('admin:admin')}` }
    const answer = (await (await fetch(`${url}/query`, { method: 'POST', headers, body })).json()) as {
      error?: string
      results?: { error?: string; series?: { values: unknown[][] }[] }[]
    }
    const mistake = answer.error ?? answer.results?.[0]?.error
    if (mistake !== undefined) throw new Error(mistake)
    return answer.results?.[0]?.series?.[0]?.values ?? []
  }

  const close = async () => {
    await kill()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await start()
    await ask(`CREATE USER "admin" WITH PASSWORD 'admin' WITH ALL PRIVILEGES`)
    await ask('CREATE DATABASE flockwise')
    await ask(`CREATE USER "cloud" WITH PASSWORD 'cloud'`)
    await ask('GRANT ALL ON "flockwise" TO "cloud"')
  } catch (error) {
    await close()
    throw error
  }
  return {
    options: { url, database: 'flockwise', user: 'cloud', password: 'cloud' },
    ask,
    kill,
    start,
    close,
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
