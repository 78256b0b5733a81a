import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlarmView, HouseView } from '#domain/api/farm.ts'
import { path, routes } from '#domain/api/routes.ts'
import { HOUR, MINUTE, SECOND } from '#domain/time.ts'
import { createPresence } from '../edges/presence.ts'
import { openEmbedded } from '../embedded/open-embedded.ts'
import { openTestCloud, START, type TestCloud } from '../test/open-test-cloud.ts'
import { alarmEvent, alarmsBatch, type TestEdge } from '../test/test-edge.ts'
import type { TestPerson } from '../test/test-person.ts'
import { createSilenceJudge } from './silence-judge.ts'

let cloud: TestCloud
let owner: TestPerson
let edge: TestEdge
beforeEach(async () => {
  cloud = await openTestCloud()
  owner = await cloud.owner()
  await cloud.farm(owner, 'north', ['h1'])
  edge = await cloud.edge(owner, 'north')
})
afterEach(() => cloud.close())

const send = (batch: unknown) => edge.post(routes.edgeBatches, batch)
const alarms = async (query = '') =>
  (await owner.get(`${path(routes.alarms, { farm: 'north' })}${query}`)).body as AlarmView[]
const raised = (t: number, late = false) => alarmEvent({ action: 'raised', t, since: t - MINUTE, late })
const cleared = (since: number, t: number, late = false) => alarmEvent({ action: 'cleared', t, since, late })

describe('an alarm of an edge', () => {
  it('opens, is acknowledged by name, and is closed by recovery', async () => {
    await send(alarmsBatch(1, [raised(START)]))
    const [opened] = await alarms('?open=true')
    expect(opened).toMatchObject({
      state: 'unacknowledged',
      raisedAt: START,
      acknowledgedBy: null,
      value: 36.2,
      limit: 34,
    })
    const house = (await owner.get(path(routes.house, { farm: 'north', house: 'h1' }))).body as HouseView
    expect(house.alarms).toEqual([opened])
    const tap = () => owner.post(path(routes.acknowledge, { farm: 'north', alarm: opened?.id ?? '' }))
    cloud.clock.advance(SECOND)
    const acknowledged = await tap()
    expect(acknowledged.body).toMatchObject({
      state: 'acknowledged',
      acknowledgedAt: START + SECOND,
      acknowledgedBy: 'Li Wei',
    })
    cloud.clock.advance(SECOND)
    expect((await tap()).body).toEqual(acknowledged.body)
    await send(alarmsBatch(2, [cleared(START - MINUTE, START + 2 * SECOND)]))
    expect(await alarms('?open=true')).toEqual([])
    expect(await alarms()).toMatchObject([{ state: 'normal', clearedAt: START + 2 * SECOND, late: false }])
  })

  it('that cleared before anybody knew stays open until somebody does', async () => {
    await send(alarmsBatch(1, [raised(START)]))
    await send(alarmsBatch(2, [cleared(START - MINUTE, START)]))
    const [open] = await alarms('?open=true')
    expect(open?.state).toBe('returned')
    await owner.post(path(routes.acknowledge, { farm: 'north', alarm: open?.id ?? '' }))
    expect(await alarms('?open=true')).toEqual([])
  })

  it('that began and ended long before it arrived is history and asks for nobody', async () => {
    const at = START - 20 * HOUR
    await send(alarmsBatch(1, [raised(at), cleared(at - MINUTE, at + MINUTE)]))
    await send(alarmsBatch(3, [raised(at + HOUR, true), cleared(at + HOUR - MINUTE, at + HOUR, true)]))
    expect(await alarms('?open=true')).toEqual([])
    expect(await alarms()).toMatchObject([
      { late: true, state: 'normal' },
      { late: true, state: 'normal', raisedAt: at },
    ])
  })

  it('that is still open when the line returns is open, with its true start', async () => {
    const at = START - 20 * HOUR
    await send(alarmsBatch(1, [raised(at)]))
    expect(await alarms('?open=true')).toMatchObject([
      { state: 'unacknowledged', since: at - MINUTE, late: false },
    ])
  })

  it('is found by time and house, newest first', async () => {
    await send(alarmsBatch(1, [raised(START - HOUR), raised(START)]))
    expect((await alarms()).map(({ raisedAt }) => raisedAt)).toEqual([START, START - HOUR])
    expect(await alarms(`?from=${START}&to=${START + 1}`)).toHaveLength(1)
    expect(await alarms('?limit=1')).toHaveLength(1)
    expect(await alarms('?house=h9')).toEqual([])
    expect((await owner.get(`${path(routes.alarms, { farm: 'north' })}?limit=many`)).code).toBe('not-valid')
    expect((await owner.post(path(routes.acknowledge, { farm: 'north', alarm: 'none' }))).code).toBe(
      'not-found',
    )
  })
})

describe('a silent edge', () => {
  const judgeWith = () => {
    const stores = openEmbedded(cloud.database)
    const presence = createPresence(stores.registry.edges, cloud.clock)
    const judge = createSilenceJudge(stores.registry, presence, cloud.clock)
    const look = async () => [...(await judge.look()).values()].flat()
    const speak = async () => {
      for (const known of await stores.registry.edges.all()) presence.saw(known)
    }
    return { look, speak, presence, stores }
  }

  it('is an alarm two minutes after its due time, once, and recovers by its next word', async () => {
    const { look, speak, stores } = judgeWith()
    await speak()
    cloud.clock.advance(135 * SECOND)
    expect(await look()).toEqual([])
    cloud.clock.advance(1)
    const since = START + 15 * SECOND
    const id = `|${edge.id}|edge-silent|${since}`
    expect(await look()).toMatchObject([
      { id, severity: 'critical', state: 'unacknowledged', since, device: edge.id },
    ])
    cloud.clock.advance(MINUTE)
    expect(await look()).toEqual([])
    await speak()
    expect(await look()).toMatchObject([{ id, state: 'returned', clearedAt: START + 195 * SECOND + 1 }])
    expect(await look()).toEqual([])
    stores.close()
  })

  it('is not made by a jump of the wall clock, nor by a start of the service', async () => {
    const first = judgeWith()
    await first.speak()
    cloud.clock.jump(HOUR)
    expect(await first.look()).toEqual([])
    await first.presence.writeDown()
    first.stores.close()
    cloud.clock.advance(HOUR)
    const second = judgeWith()
    expect(await second.look()).toEqual([])
    second.stores.close()
  })

  it('has one alarm through a restart, that its next word clears', async () => {
    const first = judgeWith()
    await first.speak()
    cloud.clock.advance(HOUR)
    expect(await first.look()).toHaveLength(1)
    first.stores.close()
    const second = judgeWith()
    expect(await second.look()).toEqual([])
    cloud.clock.advance(HOUR)
    expect(await second.look()).toEqual([])
    await second.speak()
    expect(await second.look()).toMatchObject([{ state: 'returned' }])
    second.stores.close()
  })

  it('is looked for by the running service', async () => {
    await cloud.close()
    cloud = await openTestCloud({ lookEveryMs: 20 })
    owner = await cloud.owner()
    await cloud.farm(owner, 'north', ['h1'])
    edge = await cloud.edge(owner, 'north')
    cloud.clock.advance(HOUR)
    await expect.poll(() => alarms('?open=true')).toMatchObject([{ rule: 'edge-silent', device: edge.id }])
    await edge.get(`${routes.edgeWants}?waitMs=0`)
    await expect.poll(() => alarms('?open=true')).toMatchObject([{ state: 'returned' }])
  })
})
