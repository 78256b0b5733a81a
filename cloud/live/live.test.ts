import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alarmId } from '#domain/alarm.ts'
import type { HealthView, HouseView, LiveEvent, Overview, ThermalView } from '#domain/api/farm.ts'
import { path, routes } from '#domain/api/routes.ts'
import { encodeThermalFrame } from '#domain/frame.ts'
import type { Live, Wants } from '#domain/sync.ts'
import { HOUR, MINUTE, SECOND } from '#domain/time.ts'
import { createCloud } from '../create-cloud.ts'
import { openStream } from '../test/open-stream.ts'
import { openTestCloud, START, type TestCloud } from '../test/open-test-cloud.ts'
import { alarmEvent, alarmsBatch, readingsBatch, type TestEdge, temperature } from '../test/test-edge.ts'
import type { TestPerson } from '../test/test-person.ts'

/** Over a real socket: streams and long polls live from it. */
let cloud: TestCloud
let base: string
let owner: TestPerson
let edge: TestEdge
beforeEach(async () => {
  cloud = await openTestCloud()
  base = await cloud.app.listen({ host: '127.0.0.1', port: 0 })
  owner = await cloud.owner()
  await cloud.farm(owner, 'north', ['h1', 'h2'])
  edge = await cloud.edge(owner, 'north')
})
afterEach(() => cloud.close())

const watch = (query = '') =>
  openStream(`${base}${path(routes.live, { farm: 'north' })}${query}`, owner.cookie)
const live = (readings: ReturnType<typeof temperature>[] = []): Live => ({
  t: cloud.clock.now(),
  backlog: 12,
  readings,
  counters: { 'rejected.implausible': 3 },
  devices: {},
})
const wants = async (version: number, waitMs: number): Promise<Wants> => {
  const url = `${routes.edgeWants}?version=${version}&waitMs=${waitMs}`
  const headers = await edge.sign('GET', url, new Uint8Array())
  return (await fetch(`${base}${url}`, { headers })).json() as Promise<Wants>
}
const kinds = (events: LiveEvent[]) => events.map(({ kind }) => kind)

describe('the live stream', () => {
  it('shows the newest of each batch, each series once, and says which came late', async () => {
    const stream = await watch()
    const fresh = [0, 10, 20].map((seconds) => temperature(START - MINUTE + seconds * SECOND, 21))
    await edge.post(routes.edgeBatches, readingsBatch(1, [temperature(START - HOUR, 25), ...fresh]))
    await edge.post(routes.edgeBatches, readingsBatch(5, [temperature(START - 3 * MINUTE, 26)]))
    await edge.post(routes.edgeBatches, readingsBatch(6, [temperature(START, 22, 'h2')]))
    const events = await stream.take(3)
    const fresh21 = { t: START - MINUTE + 20 * SECOND, value: 21 }
    expect(events).toMatchObject([
      { kind: 'values', house: 'h1', values: [fresh21] },
      { kind: 'values', house: 'h1', values: [{ t: START - 3 * MINUTE, value: 26, late: true }] },
      { kind: 'values', house: 'h2', values: [{ device: 'air-1', value: 22 }] },
    ])
    expect(JSON.stringify([events[0], events[2]])).not.toContain('late')
    await stream.close()
  })

  it('marks a newest value that came late, until one comes in time', async () => {
    const latest = async () =>
      ((await owner.get(path(routes.house, { farm: 'north', house: 'h1' }))).body as HouseView).latest
    await edge.post(routes.edgeBatches, readingsBatch(1, [temperature(START - HOUR, 25)]))
    expect(await latest()).toMatchObject([{ t: START - HOUR, late: true }])
    const { cloud: counters } = (await owner.get(path(routes.health, { farm: 'north' }))).body as HealthView
    expect(counters['readings.late']).toBe(1)
    await edge.post(routes.edgeBatches, readingsBatch(2, [temperature(START - MINUTE, 24)]))
    expect(await latest()).toEqual([expect.not.objectContaining({ late: true })])
    cloud.clock.advance(HOUR)
    expect(await latest()).toEqual([expect.not.objectContaining({ late: true })])
  })

  it('shows no late values to those who are told newer ones beside the backlog', async () => {
    const stream = await watch()
    await edge.post(routes.edgeLive, live([temperature(START - SECOND, 33)]))
    await edge.post(routes.edgeBatches, readingsBatch(1, [temperature(START - HOUR, 25)]))
    await edge.post(routes.edgeBatches, readingsBatch(2, [temperature(START, 34)]))
    expect(await stream.take(3)).toMatchObject([
      { values: [{ value: 33 }] },
      { kind: 'edge' },
      { values: [{ value: 34 }] },
    ])
    await stream.close()
  })

  it('shows what an edge posts as live, which is kept for those who come later but not as history', async () => {
    const stream = await watch()
    expect((await edge.post(routes.edgeLive, live([temperature(START - SECOND, 33)]))).status).toBe(204)
    const [values, seen] = await stream.take(2)
    expect(values).toMatchObject({ kind: 'values', values: [{ value: 33 }] })
    expect(seen).toMatchObject({
      kind: 'edge',
      edge: { id: edge.id, backlog: 12, seenAt: START, counters: { 'rejected.implausible': 3 } },
    })
    const house = async () =>
      (await owner.get(path(routes.house, { farm: 'north', house: 'h1' }))).body as HouseView
    expect((await house()).latest).toMatchObject([{ metric: 'air.temperature', value: 33 }])
    cloud.clock.advance(3 * MINUTE)
    expect((await house()).latest).toEqual([])
    await stream.close()
  })

  it('holds back an alarm that comes long after it was raised, in case its end comes right behind', async () => {
    await cloud.close()
    cloud = await openTestCloud({ holdLateMs: 300 })
    base = await cloud.app.listen({ host: '127.0.0.1', port: 0 })
    owner = await cloud.owner()
    await cloud.farm(owner, 'north', ['h1', 'h2'])
    edge = await cloud.edge(owner, 'north')
    const stream = await watch()
    const long = START - 20 * HOUR
    const event = (action: 'raised' | 'cleared', since: number) =>
      alarmsBatch(since === long ? (action === 'raised' ? 1 : 2) : 3, [
        alarmEvent({ action, since, t: since + SECOND }),
      ])
    await edge.post(routes.edgeBatches, event('raised', long))
    await edge.post(routes.edgeBatches, event('cleared', long))
    await edge.post(routes.edgeBatches, event('raised', long + HOUR))
    await edge.post(routes.edgeLive, live())
    expect(await stream.take(3)).toMatchObject([
      { kind: 'changed', house: 'h1' },
      { kind: 'edge' },
      { kind: 'alarm', alarm: { since: long + HOUR, state: 'unacknowledged' } },
    ])
    await stream.close()
  })

  it('is another farm’s business only', async () => {
    const other = await cloud.stranger('other')
    await cloud.farm(other, 'south', ['h1'])
    const stream = await openStream(`${base}${path(routes.live, { farm: 'south' })}`, other.cookie)
    await edge.post(routes.edgeLive, live([temperature(START, 33)]))
    const otherEdge = await cloud.edge(other, 'south')
    await otherEdge.post(routes.edgeLive, live([temperature(START, 11)]))
    expect(await stream.take(1)).toMatchObject([{ kind: 'values', values: [{ value: 11 }] }])
    await stream.close()
  })

  it('shows thermal pictures to those who look at their house, and keeps the newest', async () => {
    const [looking, elsewhere] = [await watch('?house=h1'), await watch()]
    const url = path(routes.edgeFrames, { house: 'h1', device: 'thermal-1' })
    const frame = (t: number, value: number) =>
      encodeThermalFrame({ width: 2, height: 1, t, ambientCentiC: 2000, centiC: Int16Array.of(value, -5) })
    const post = (bytes: Uint8Array, at = url) =>
      edge.postBytes(at, bytes, { 'content-type': 'application/octet-stream' })
    expect((await post(frame(START, 3712))).status).toBe(204)
    expect((await post(frame(START - 1, 1))).status).toBe(204)
    expect(await looking.take(1)).toEqual([
      {
        kind: 'thermal',
        house: 'h1',
        frame: { device: 'thermal-1', t: START, width: 2, height: 1, centiC: [3712, -5] },
      },
    ])
    const kept = (await owner.get(path(routes.thermal, { farm: 'north', house: 'h1' }))).body as ThermalView[]
    expect(kept).toMatchObject([{ t: START, centiC: [3712, -5] }])
    expect((await post(frame(START, 1).subarray(1))).code).toBe('not-valid')
    expect((await post(frame(START + HOUR, 1))).code).toBe('from-the-future')
    expect((await post(frame(START, 1), path(routes.edgeFrames, { house: 'h9', device: 'x' }))).code).toBe(
      'not-found',
    )
    expect((await post(new Uint8Array(1_000_001))).code).toBe('too-large')
    await edge.post(routes.edgeLive, live())
    expect(kinds(await elsewhere.take(1))).toEqual(['edge'])
    await Promise.all([looking.close(), elsewhere.close()])
  })

  it('ends with the log-in that opened it', async () => {
    const stream = await watch()
    await cloud.ask({ method: 'DELETE', url: routes.session, headers: { cookie: owner.cookie } })
    expect(await stream.ended()).toBe(true)
  })

  it('ends when the service does, as do long polls', async () => {
    const stream = await watch()
    const { version } = await wants(0, 0)
    cloud.clock.advance(SECOND)
    const waiting = wants(version, 50_000)
    const overview = async () => (await owner.get(path(routes.overview, { farm: 'north' }))).body as Overview
    await expect.poll(async () => (await overview()).edges[0]?.seenAt).toBe(START + SECOND)
    const started = performance.now()
    await cloud.close()
    expect(await stream.ended()).toBe(true)
    expect((await waiting).version).toBeGreaterThanOrEqual(version)
    expect(performance.now() - started).toBeLessThan(3000)
    cloud = await openTestCloud()
  })

  it('of a house that is not there is refused', async () => {
    const answer = await owner.get(`${path(routes.live, { farm: 'north' })}?house=h9`)
    expect(answer.code).toBe('not-found')
  })
})

describe('what the cloud wants', () => {
  it('is said when watchers come and go', async () => {
    const first = await wants(0, 50_000)
    expect(first).toMatchObject({ watched: false, pictures: [], acknowledged: [], flocks: [] })
    const woken = wants(first.version, 50_000)
    const stream = await watch('?house=h1')
    const second = await woken
    expect(second).toMatchObject({ watched: true, pictures: ['h1'] })
    expect(second.version).toBeGreaterThan(first.version)
    const another = await watch()
    const gone = wants(second.version, 50_000)
    await stream.close()
    expect(await gone).toMatchObject({ watched: true, pictures: [] })
    await another.close()
    await expect.poll(async () => (await wants(0, 0)).watched).toBe(false)
  })

  it('that nothing changed is said in a few bytes after the wait', async () => {
    const { version } = await wants(0, 0)
    const url = `${routes.edgeWants}?version=${version}&waitMs=50`
    const headers = await edge.sign('GET', url, new Uint8Array())
    expect((await fetch(`${base}${url}`, { headers })).status).toBe(204)
  })

  it('tells of flocks and acknowledged alarms, until they clear', async () => {
    const { version } = await wants(0, 0)
    const woken = wants(version, 50_000)
    const flock = {
      id: crypto.randomUUID(),
      house: 'h1',
      breed: 'custom',
      sex: 'as-hatched',
      placedOn: '2026-05-20',
      placed: 5000,
    }
    expect((await owner.post(path(routes.flocks, { farm: 'north' }), flock)).status).toBe(201)
    expect((await woken).flocks).toEqual([
      { house: 'h1', breed: 'custom', sex: 'as-hatched', placedOn: '2026-05-20', birds: 5000 },
    ])
    const alarm = alarmId('h1', 'air-1', 'too-hot', START)
    const at = { t: START, since: START }
    await edge.post(routes.edgeBatches, alarmsBatch(1, [alarmEvent({ action: 'raised', ...at })]))
    const before = await wants(0, 0)
    expect(before.acknowledged).toEqual([])
    const acknowledged = wants(before.version, 50_000)
    expect((await owner.post(path(routes.acknowledge, { farm: 'north', alarm }))).status).toBe(200)
    expect((await acknowledged).acknowledged).toEqual([alarm])
    await edge.post(routes.edgeBatches, alarmsBatch(2, [alarmEvent({ action: 'cleared', ...at })]))
    expect((await wants(0, 0)).acknowledged).toEqual([])
  })

  it('has versions that rise over restarts', async () => {
    const { version } = await wants(0, 0)
    const next = await createCloud({ database: cloud.database, clock: cloud.clock, announce: () => {} })
    const headers = await edge.sign('GET', routes.edgeWants, new Uint8Array())
    const answer = await next.app.inject({ url: routes.edgeWants, headers })
    expect((answer.json() as Wants).version).toBeGreaterThan(version + 1e9)
    await next.close()
  })
})

it('hears an edge whose clock is ahead, says by how much, and leaves out its values from the future', async () => {
  const t = START + 10 * MINUTE
  const said = { ...live([temperature(t, 33), temperature(START, 21, 'h2')]), t }
  expect((await edge.post(routes.edgeLive, said)).status).toBe(204)
  const { edges, houses } = (await owner.get(path(routes.overview, { farm: 'north' }))).body as Overview
  expect(edges).toMatchObject([{ id: edge.id, clockAheadMs: 10 * MINUTE, backlog: 12 }])
  expect(houses.map(({ latest }) => latest.length)).toEqual([0, 1])
})

it('shows edges in the overview as they last spoke', async () => {
  cloud.clock.advance(10 * SECOND)
  await edge.post(routes.edgeLive, live())
  const { body } = await owner.get(path(routes.overview, { farm: 'north' }))
  expect((body as Overview).edges).toMatchObject([
    { id: edge.id, enrolledAt: START, seenAt: START + 10_000, backlog: 12 },
  ])
})
