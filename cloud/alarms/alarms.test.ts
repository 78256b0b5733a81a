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

  it('is history also when its end comes a batch after its beginning', async () => {
    const at = START - 20 * HOUR
    await send(alarmsBatch(1, [raised(at)]))
    cloud.clock.advance(SECOND)
    await send(alarmsBatch(2, [cleared(at - MINUTE, at + MINUTE)]))
    expect(await alarms('?open=true')).toEqual([])
    expect(await alarms()).toMatchObject([{ late: true, state: 'normal', clearedAt: at + MINUTE }])
  })

  it.each([
    ['fast', START + HOUR],
    ['unset', 5 * MINUTE],
  ])('of an edge with a %s clock is taken as told, and ordered by when it came', async (_, at) => {
    expect((await send(alarmsBatch(1, [raised(at)]))).body).toEqual({ watermark: 1 })
    cloud.clock.advance(MINUTE)
    await send(alarmsBatch(2, [raised(START + MINUTE)]))
    expect(await alarms(`?open=true&from=${START}&to=${START + HOUR}`)).toMatchObject([
      { since: START, raisedAt: START + MINUTE, receivedAt: START + MINUTE },
      { since: at - MINUTE, raisedAt: at, receivedAt: START },
    ])
    await send(alarmsBatch(3, [cleared(at - MINUTE, at + SECOND)]))
    expect(await alarms('?open=true')).toMatchObject([{}, { state: 'returned', late: false }])
  })

  it('of a house that the farm has not made yet goes by the house’s id, and holds up no other', async () => {
    const inHouse = (house: string) => alarmEvent({ action: 'raised', t: START, since: START, house })
    expect((await send(alarmsBatch(1, [inHouse('h9'), inHouse('h1')]))).body).toEqual({ watermark: 2 })
    expect((await alarms('?open=true')).map(({ house }) => house).sort()).toEqual(['h1', 'h9'])
    await owner.post(path(routes.houses, { farm: 'north' }), {
      ...{ id: 'h9', name: 'House 9', timeZone: 'Asia/Shanghai' },
    })
    const made = (await owner.get(path(routes.house, { farm: 'north', house: 'h9' }))).body as HouseView
    expect(made.alarms).toMatchObject([{ house: 'h9' }])
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

  /** One word a minute; `look` after each. */
  const speakFor = async ({ look, speak }: ReturnType<typeof judgeWith>, ms: number) => {
    const changed = []
    for (let spoken = 0; spoken <= ms; spoken += MINUTE) {
      await speak()
      changed.push(...(await look()))
      cloud.clock.advance(MINUTE)
    }
    return changed
  }
  const silent = async () =>
    (await alarms()).filter(({ rule }) => rule === 'edge-silent').map(({ state }) => state)

  it('is an alarm after three minutes, once, and recovers when it is heard again a minute later', async () => {
    const { look, speak, stores } = judgeWith()
    await speak()
    cloud.clock.advance(3 * MINUTE)
    expect(await look()).toEqual([])
    cloud.clock.advance(1)
    const since = START + MINUTE
    const id = `|${edge.id}|edge-silent|${since}`
    expect(await look()).toMatchObject([
      { id, severity: 'critical', state: 'unacknowledged', since, device: edge.id },
    ])
    cloud.clock.advance(MINUTE)
    expect(await look()).toEqual([])
    // A burst of words is no recovery.
    for (let word = 0; word < 5; word++) {
      await speak()
      cloud.clock.advance(SECOND)
    }
    expect(await look()).toEqual([])
    cloud.clock.advance(55 * SECOND)
    expect(await look()).toEqual([])
    await speak()
    expect(await look()).toMatchObject([{ id, state: 'returned', clearedAt: START + 5 * MINUTE + 1 }])
    expect(await look()).toEqual([])
    stores.close()
  })

  it('that says a word each 200 s is one alarm, open all the while', async () => {
    const { look, speak, stores } = judgeWith()
    await speak()
    for (let second = 0; second < 23 * 60; second += 5) {
      cloud.clock.advance(5 * SECOND)
      await look()
      if ((second + 5) % 200 === 0) await speak()
    }
    expect(await silent()).toEqual(['unacknowledged'])
    stores.close()
  })

  it('that recovers and is silent again soon is the same alarm again, asking anew', async () => {
    const judge = judgeWith()
    await judge.speak()
    cloud.clock.advance(4 * MINUTE)
    const [opened] = await judge.look()
    await owner.post(path(routes.acknowledge, { farm: 'north', alarm: opened?.id ?? '' }))
    await speakFor(judge, 2 * MINUTE)
    expect(await silent()).toEqual(['normal'])
    cloud.clock.advance(4 * MINUTE)
    expect(await judge.look()).toMatchObject([
      {
        id: opened?.id,
        since: opened?.since,
        state: 'unacknowledged',
        clearedAt: null,
        acknowledgedBy: null,
      },
    ])
    await speakFor(judge, 2 * MINUTE)
    expect(await silent()).toEqual(['returned'])
    // Long after, it is another one.
    await speakFor(judge, 20 * MINUTE)
    cloud.clock.advance(4 * MINUTE)
    await judge.look()
    expect(await silent()).toEqual(['unacknowledged', 'returned'])
    judge.stores.close()
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

  it('has one alarm through a restart, that words after it clear', async () => {
    const first = judgeWith()
    await first.speak()
    cloud.clock.advance(HOUR)
    expect(await first.look()).toHaveLength(1)
    first.stores.close()
    const second = judgeWith()
    expect(await second.look()).toEqual([])
    cloud.clock.advance(HOUR)
    expect(await second.look()).toEqual([])
    expect(await speakFor(second, MINUTE)).toMatchObject([{ state: 'returned' }])
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
    for (let words = 0; words < 2; words++) {
      cloud.clock.advance(MINUTE)
      await edge.get(`${routes.edgeWants}?waitMs=0`)
    }
    await expect.poll(() => alarms('?open=true')).toMatchObject([{ state: 'returned' }])
  })
})
