import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { isMetric, metricIds, metrics } from '#domain/metrics.ts'
import { programPath, readText } from './project.ts'

/** How the cloud writes a reading to InfluxDB: measurement = metric id, these tags, these fields. */
const TAGS = ['farm', 'house', 'device', 'source', 'by']
const FIELDS = ['value', 'quality']

type Target = { query: string; alias: string; rawQuery: boolean; datasource: { uid: string } }
type Panel = {
  id: number
  title: string
  type: string
  targets: Target[]
  fieldConfig: { defaults: { unit: string } }
}
type Board = { panels: Panel[]; templating: { list: { name: string; query: string }[] } }

const board = JSON.parse(readText('dashboards/grafana/boards/house-climate-and-weight.json')) as Board
const sources = parse(readText('dashboards/grafana/provisioning/datasources/influxdb.yaml')) as {
  datasources: {
    uid: string
    url: string
    user: string
    jsonData: { dbName: string }
    secureJsonData: { password: string }
  }[]
}
const compose = parse(readText('docker-compose.yml'), { merge: true }) as {
  services: { grafana: { environment: Record<string, string>; secrets: string[]; volumes: string[] } }
}
const queries = board.panels.flatMap((panel) =>
  panel.targets.map((target) => ({ title: panel.title, unit: panel.fieldConfig.defaults.unit, ...target })),
)
const measurementOf = (query: string) => query.match(/ FROM "([^"]+)"/)?.[1] ?? ''

/** Grafana's names for the units of the catalogue. */
const grafanaUnits: Record<string, string> = {
  '°C': 'celsius',
  '%': 'percent',
  ppm: 'ppm',
  Pa: 'pressurepa',
  g: 'massg',
  kg: 'masskg',
  L: 'litre',
}

describe('Grafana’s data source', () => {
  it('takes address and user from the environment that Compose sets, and the password from a secret', () => {
    const [source] = sources.datasources
    const { environment, secrets, volumes } = compose.services.grafana
    const used = [source?.url, source?.user, source?.jsonData.dbName].map(
      (text) => text?.match(/^\$\{(\w+)\}$/)?.[1],
    )
    for (const name of used) expect(Object.keys(environment)).toContain(name)
    const secret = source?.secureJsonData.password.match(/^\$__file\{\/run\/secrets\/(\w+)\}$/)?.[1]
    expect(secrets).toContain(secret)
    expect(volumes.join(' ')).toContain('./dashboards/grafana/boards:/etc/flockwise/boards:ro')
    expect(readText('dashboards/grafana/provisioning/dashboards/flockwise.yaml')).toContain(
      'path: /etc/flockwise/boards',
    )
  })
})

describe('the board', () => {
  it('has panels that each ask for something, under numbers of their own', () => {
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length)
    expect(queries.length).toBeGreaterThanOrEqual(board.panels.length)
  })

  it.each(queries)(
    '$title asks for a metric of the catalogue in its unit: $query',
    ({ query, unit, alias, ...target }) => {
      const metric = measurementOf(query)
      if (!isMetric(metric)) expect.unreachable(`there is no metric "${metric}"`)
      const { unit: ours } = metrics[metric]
      expect(unit).toBe(grafanaUnits[ours] ?? (metrics[metric].max > 1 ? 'short' : 'none'))
      expect(target).toMatchObject({ rawQuery: true, datasource: { uid: sources.datasources[0]?.uid } })
      const names = [...query.replace(/FROM "[^"]+"/, '').matchAll(/"([^"]+)"/g)].map(([, name]) => name)
      for (const name of names) expect([...TAGS, ...FIELDS]).toContain(name)
      expect(query).toContain(`"farm" = '$farm' AND "house" = '$house' AND $timeFilter`)
      // A gap stays a gap.
      expect(query).not.toMatch(/fill\((0|previous|linear)\)/)
      for (const [, tag] of alias.matchAll(/\$tag_(\w+)/g))
        expect(query).toMatch(new RegExp(`GROUP BY .*"${tag}"`))
    },
  )

  it('has a variable for every name that its queries use', () => {
    const known = [...board.templating.list.map(({ name }) => name), 'timeFilter', '__interval']
    for (const { query } of [...queries, ...board.templating.list]) {
      for (const [, name] of query.matchAll(/\$(\w+)/g)) expect(known).toContain(name)
    }
  })
})

const influxd = programPath('influxd')

describe.skipIf(!influxd)('the board on a real InfluxDB 1.x (skipped where influxd is not installed)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flockwise-influx-'))
  let server: ChildProcess
  let url = ''
  const now = Date.UTC(2026, 5, 1, 12)

  const ask = async (q: string, user: string) => {
    const query = new URLSearchParams({ q, db: 'flockwise', epoch: 'ms', u: user, p: user })
    const answer = await fetch(`${url}/query?${query}`, { method: 'POST' })
    return (await answer.json()) as {
      error?: string
      results?: { error?: string; series?: { values: unknown[][] }[] }[]
    }
  }

  beforeAll(async () => {
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
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
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  auth-enabled = true
  log-enabled = false
`,
    )
    server = spawn(influxd as string, ['run', '-config', config], { stdio: 'ignore' })
    for (let tries = 0; !(await fetch(`${url}/ping`).catch(() => undefined))?.ok; tries++) {
      if (tries > 150) throw new Error('influxd did not start')
      await sleep(100)
    }
    await ask(`CREATE USER "admin" WITH PASSWORD 'admin' WITH ALL PRIVILEGES`, '')
    await ask('CREATE DATABASE flockwise', 'admin')
    await ask(`CREATE USER "grafana" WITH PASSWORD 'grafana'`, 'admin')
    await ask('GRANT READ ON "flockwise" TO "grafana"', 'admin')
    // Two hours of every metric, in the layout that the cloud writes.
    const lines = metricIds.flatMap((metric) =>
      Array.from({ length: 120 }, (_, minute) => {
        const { min, max } = metrics[metric]
        const value = min + ((max - min) * (120 - minute)) / 240
        return `${metric},farm=f1,house=h1,device=d1,source=sensor value=${value},quality=0i ${now - minute * 60_000}`
      }),
    )
    const query = new URLSearchParams({ db: 'flockwise', precision: 'ms', u: 'admin', p: 'admin' })
    const written = await fetch(`${url}/write?${query}`, { method: 'POST', body: lines.join('\n') })
    expect(written.status).toBe(204)
  }, 60_000)

  afterAll(async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill()
    await ended
    rmSync(folder, { recursive: true })
  })

  const filled = (query: string, house: string) =>
    query
      .replaceAll('$timeFilter', `time >= ${now - 3 * 3_600_000}ms and time <= ${now}ms`)
      .replaceAll('$__interval', '1m')
      .replaceAll('$farm', 'f1')
      .replaceAll('$house', house)

  it.each(queries)('$title answers the reader: $query', async ({ query }) => {
    const { results } = await ask(filled(query, 'h1'), 'grafana')
    expect(results?.[0]?.error).toBeUndefined()
    expect(results?.[0]?.series?.[0]?.values.some(([, value]) => typeof value === 'number')).toBe(true)
    const other = await ask(filled(query, 'h2'), 'grafana')
    expect(other.results?.[0]).not.toHaveProperty('series')
  })

  it.each(board.templating.list)('the variable $name finds its values', async ({ name, query }) => {
    const { results } = await ask(filled(query, 'h1'), 'grafana')
    expect(results?.[0]?.series?.[0]?.values).toContainEqual([name, name === 'farm' ? 'f1' : 'h1'])
  })

  it('lets the reader write nothing, and a stranger read nothing', async () => {
    expect((await ask('DROP DATABASE flockwise', 'grafana')).error).toMatch(/not authorized|requires admin/)
    expect((await ask('SHOW DATABASES', 'stranger')).error).toMatch(/authorization failed/)
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
