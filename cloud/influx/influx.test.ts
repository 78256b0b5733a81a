import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runsOf } from '#domain/columns/runs.ts'
import type { Reading } from '#domain/reading.ts'
import { MINUTE } from '#domain/time.ts'
import { openEmbedded } from '../embedded/open-embedded.ts'
import { START } from '../test/open-test-cloud.ts'
import { seriesContract } from '../test/series-contract.ts'
import { influxd, startInflux, type TestInflux, whyNoInflux } from '../test/start-influx.ts'
import { temperature } from '../test/test-edge.ts'
import { createGroupWrite } from './group-write.ts'
import { connectInflux, InfluxFailure } from './influx-client.ts'
import { linesOf } from './line-protocol.ts'
import { openWithInflux } from './open-with-influx.ts'

describe.skipIf(!influxd)(`a real InfluxDB 1.x${whyNoInflux}`, () => {
  let influx: TestInflux
  beforeAll(async () => {
    influx = await startInflux()
  }, 60_000)
  afterAll(() => influx.close())

  seriesContract('InfluxDB', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flockwise-series-'))
    const stores = openWithInflux(openEmbedded(join(folder, 'cloud.sqlite')), influx.options)
    return {
      stores,
      close: async () => {
        stores.close()
        rmSync(folder, { recursive: true })
      },
    }
  })

  describe('holds points', () => {
    beforeEach(() => influx.ask('DELETE WHERE "farm" = \'plain\''))
    const points = () =>
      influx.ask(
        'SELECT "value", "quality", "detail", "device", "source", "by" FROM "air.temperature" WHERE "farm" = \'plain\'',
      )

    it('in the layout that Grafana and others read: measurement, tags, fields, ms', async () => {
      const { write } = connectInflux(influx.options)
      const guess: Reading = { ...temperature(START + 1, 20.2), quality: 'estimated', detail: { n: 3 } }
      guess.series = { ...guess.series, source: 'model', by: 'guess@1' }
      await write(linesOf('plain', runsOf([temperature(START, 20.5), guess])))
      expect(await points()).toEqual([
        [START, 20.5, 0, null, 'air-1', 'sensor', null],
        [START + 1, 20.2, 3, '{"n":3}', 'air-1', 'model', 'guess@1'],
      ])
    })

    it('of which a later value of the same series and time takes the place', async () => {
      const { write } = connectInflux(influx.options)
      await write(linesOf('plain', runsOf([temperature(START, 20)])))
      await write(linesOf('plain', runsOf([temperature(START, 21)])))
      expect(await points()).toEqual([[START, 21, 0, null, 'air-1', 'sensor', null]])
    })

    it('of a group of batches but for the one that it refuses', async () => {
      const write = createGroupWrite(connectInflux(influx.options).write)
      const line = (minute: number) =>
        linesOf('plain', runsOf([temperature(START + minute * MINUTE, minute)]))
      const results = await Promise.allSettled([
        ...[1, 2].map((minute) => write(line(minute))),
        write(`air.temperature,farm=plain value="warm" ${START}\n`),
        write(line(3)),
      ])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
      expect((await points()).map(([, value]) => value)).toEqual([1, 2, 3])
    })
  })

  it('that keeps points for a while drops older ones, and that holds nothing up', async () => {
    await influx.ask('CREATE DATABASE brief WITH DURATION 1h')
    await influx.ask('GRANT ALL ON "brief" TO "cloud"')
    const { write } = connectInflux({ ...influx.options, database: 'brief' })
    const now = Math.floor(Date.now() / 1000) * 1000
    await write(linesOf('plain', runsOf([temperature(START - 1e10, 20), temperature(now, 21)])))
    expect(await influx.ask('SELECT "value" FROM "brief".."air.temperature"')).toEqual([[now, 21]])
  })

  it.each([
    ['a wrong password', { password: 'guess' }, /401 .*authorization failed/],
    ['a database that is not there', { database: 'none' }, /404 .*database not found/],
    ['nobody at the address', { url: 'http://127.0.0.1:1' }, /no answer from http:\/\/127.0.0.1:1 \(.+\)/],
  ])('is found out to be unusable: %s', async (_, change, message) => {
    const wrong = connectInflux({ ...influx.options, ...change })
    const attempts = [wrong.check, () => wrong.write('m v=1'), () => wrong.select('SELECT "v" FROM "m"', {})]
    for (const attempt of attempts) {
      const failure = await attempt().catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(InfluxFailure)
      expect(String(failure)).not.toContain('guess')
    }
    await expect(wrong.check()).rejects.toThrow(message)
  })

  it('is found out to be unusable: a user that may only read', async () => {
    await influx.ask(`CREATE USER "reader" WITH PASSWORD 'reader'`)
    await influx.ask('GRANT READ ON "flockwise" TO "reader"')
    const reader = connectInflux({ ...influx.options, user: 'reader', password: 'reader' })
    await expect(reader.check()).rejects.toThrow(/403/)
  })
})

it('an answer that is cut off is a failure, and soon', async () => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"resu', () => response.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const influx = connectInflux({ url: `http://127.0.0.1:${port}`, database: 'd', user: 'u', password: 'p' })
  await expect(influx.select('SELECT 1', {})).rejects.toBeInstanceOf(InfluxFailure)
  await expect(influx.write('m v=1')).rejects.toBeInstanceOf(InfluxFailure)
  server.close()
})
