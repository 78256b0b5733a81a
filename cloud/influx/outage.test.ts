import { randomUUID } from 'node:crypto'
import { createServer, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChartSeries, HouseView } from '#domain/api/farm.ts'
import { path, routes } from '#domain/api/routes.ts'
import { DAY, MINUTE, SECOND } from '#domain/time.ts'
import { openTestCloud, START, type TestCloud } from '../test/open-test-cloud.ts'
import { influxd, startInflux, type TestInflux, whyNoInflux } from '../test/start-influx.ts'
import { readingsBatch, type TestEdge, temperature } from '../test/test-edge.ts'
import type { Answer, TestPerson } from '../test/test-person.ts'

const FROM = START - DAY
const reading = (number: number) => temperature(FROM + number * SECOND, 15 + (number % 100) / 10)
const batch = (from: number, to: number) =>
  readingsBatch(
    from,
    Array.from({ length: to - from + 1 }, (_, index) => reading(from + index)),
  )

describe.skipIf(!influxd)(`a cloud whose InfluxDB goes away${whyNoInflux}`, () => {
  let influx: TestInflux
  let cloud: TestCloud
  let owner: TestPerson
  let edge: TestEdge
  const open = async (url: string) => {
    cloud = await openTestCloud({ influx: { ...influx.options, url } })
    owner = await cloud.owner()
    await cloud.farm(owner, 'north', ['h1'])
    edge = await cloud.edge(owner, 'north')
  }
  beforeEach(async () => {
    influx = await startInflux()
    await open(influx.options.url)
  }, 60_000)
  afterEach(async () => {
    await cloud.close()
    await influx.close()
  })

  const send = (from: number, to: number) => edge.post(routes.edgeBatches, batch(from, to))
  const health = () => cloud.ask({ method: 'GET', url: '/healthz' })
  const watermarkOf = ({ body }: Answer) => (body as { watermark: number }).watermark
  const chart = (points: number) => {
    const query = new URLSearchParams({
      metric: 'air.temperature',
      from: `${FROM}`,
      to: `${START}`,
      points: `${points}`,
    })
    return owner.get(`${path(routes.series, { farm: 'north', house: 'h1' })}?${query}`)
  }
  const storedNumbers = async () =>
    (await influx.ask('SELECT "value" FROM "air.temperature" WHERE "farm" = \'north\'')).map(([t, value]) => {
      const number = (Number(t) - FROM) / SECOND
      expect(value).toBe(reading(number).value)
      return number
    })
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

  it('in the middle of uploads loses nothing and counts nothing twice', async () => {
    const LAST = 6000
    const statuses = new Map<string, number>()
    let acknowledged = 0
    // What an edge does, whatever happens: go on from the number that it was told last.
    const upload = async () => {
      while (acknowledged < LAST) {
        const answer = await send(acknowledged + 1, Math.min(LAST, acknowledged + 100))
        const kind = `${answer.status} ${answer.code}`
        statuses.set(kind, (statuses.get(kind) ?? 0) + 1)
        if (answer.status === 200) acknowledged = watermarkOf(answer)
        else await sleep(20)
      }
    }
    const outages = async () => {
      for (const share of [0.2, 0.5, 0.8]) {
        while (acknowledged < LAST * share) await sleep(1)
        await influx.kill()
        const had = acknowledged
        await sleep(100)
        expect(await health()).toMatchObject({ status: 503, code: 'store-down' })
        await influx.start()
        // What was acknowledged before it died is there after it.
        const stored = new Set(await storedNumbers())
        expect(upTo(had).filter((number) => !stored.has(number))).toEqual([])
      }
    }
    await Promise.all([upload(), outages()])
    expect([...statuses.keys()].sort()).toEqual(['200 ', '503 store-down'])
    expect(await storedNumbers()).toEqual(upTo(LAST))
    expect((await health()).status).toBe(200)
  }, 120_000)

  it('answers 503 with a time to come back, moves no watermark, and shows what it still has', async () => {
    expect(watermarkOf(await send(1, 60))).toBe(60)
    await influx.kill()
    const refused = await send(61, 120)
    expect([refused.status, refused.code, refused.headers['retry-after']]).toEqual([503, 'store-down', '10'])
    expect((await chart(10)).code).toBe('store-down')
    const view = (await owner.get(path(routes.house, { farm: 'north', house: 'h1' }))).body as HouseView
    expect(view.latest).toMatchObject([{ t: reading(60).t, value: reading(60).value }])
    // The books and alarms of the farm do not need it.
    const flock = {
      id: randomUUID(),
      house: 'h1',
      breed: 'ross-308-2022',
      sex: 'as-hatched',
      placedOn: '2026-05-20',
      placed: 9000,
    }
    expect((await owner.post(path(routes.flocks, { farm: 'north' }), flock)).status).toBeLessThan(300)
    await influx.start()
    expect((await send(62, 120)).body).toMatchObject({ expected: 61 })
    expect(watermarkOf(await send(61, 120))).toBe(120)
    const lines = (await chart(DAY / MINUTE)).body as ChartSeries[]
    expect(lines.map(({ device }) => device)).toEqual(['air-1'])
    expect(await storedNumbers()).toEqual(upTo(120))
  }, 60_000)

  it('after it wrote, before it said so, is asked again: one point each', async () => {
    let answersToLose = 1
    const proxy = createServer((asked, answer) => {
      const onward = request(`${influx.options.url}${asked.url}`, {
        method: asked.method,
        headers: asked.headers,
      })
      onward.on('response', (told) => {
        if (asked.url?.startsWith('/write') && answersToLose-- > 0)
          return told.resume().on('end', () => asked.socket.destroy())
        answer.writeHead(told.statusCode ?? 500, told.headers)
        return told.pipe(answer)
      })
      asked.pipe(onward)
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const address = proxy.address()
    if (typeof address !== 'object' || address === null) throw new Error('no address')
    await cloud.close()
    await open(`http://127.0.0.1:${address.port}`)
    try {
      expect((await send(1, 60)).code).toBe('store-down')
      expect(await storedNumbers()).toEqual(upTo(60))
      expect((await send(2, 60)).body).toMatchObject({ expected: 1 })
      expect(watermarkOf(await send(1, 80))).toBe(80)
      expect(await storedNumbers()).toEqual(upTo(80))
    } finally {
      proxy.close()
      proxy.closeAllConnections()
    }
  }, 60_000)
})
