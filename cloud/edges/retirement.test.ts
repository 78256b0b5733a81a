import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { AlarmView, HealthView, Overview } from '#domain/api/farm.ts'
import { path, routes } from '#domain/api/routes.ts'
import { HOUR, MINUTE, SECOND } from '#domain/time.ts'
import { openTestCloud, START, type TestCloud } from '../test/open-test-cloud.ts'
import { enrolTestEdge, readingsBatch, type TestEdge, temperature } from '../test/test-edge.ts'
import type { TestPerson } from '../test/test-person.ts'

let cloud: TestCloud
let owner: TestPerson
let edge: TestEdge
beforeEach(async () => {
  cloud = await openTestCloud({ lookEveryMs: 20 })
  owner = await cloud.owner()
  await cloud.farm(owner, 'north', ['h1'])
  edge = await cloud.edge(owner, 'north')
})
afterEach(() => cloud.close())

const retire = (id: string, who = owner) =>
  cloud.ask({
    method: 'DELETE',
    url: path(routes.edge, { farm: 'north', edge: id }),
    headers: { cookie: who.cookie },
  })
const alarms = async () =>
  (await owner.get(`${path(routes.alarms, { farm: 'north' })}?open=true`)).body as AlarmView[]
const send = (who: TestEdge, from: number) =>
  who.post(routes.edgeBatches, readingsBatch(from, [temperature(START - from * SECOND, 20)]))

it('of an edge refuses its key, closes the alarm of its silence, and takes it out of every view', async () => {
  await send(edge, 1)
  cloud.clock.advance(HOUR)
  await expect.poll(alarms).toMatchObject([{ rule: 'edge-silent', device: edge.id }])
  const successor = await cloud.edge(owner, 'north')
  expect((await retire(edge.id)).status).toBe(204)
  expect(await alarms()).toEqual([])
  expect((await send(edge, 2)).code).toBe('edge-unknown')
  const views = ['overview', 'health'].map((view) => path(routes[view as 'health'], { farm: 'north' }))
  for (const view of views) {
    const { edges } = (await owner.get(view)).body as Overview | HealthView
    expect(edges.map(({ id }) => id)).toEqual([successor.id])
  }
  cloud.clock.advance(MINUTE)
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(await alarms()).toEqual([])
  // Once more, and for one that never was: the same.
  expect((await retire(edge.id)).status).toBe(204)
  expect((await retire('edge-none')).status).toBe(204)
})

it('is not undone by the code that the edge was enrolled with, but by a new one', async () => {
  const { publicKey } = generateKeyPairSync('ed25519')
  const { code } = (await owner.post(path(routes.enrolmentCodes, { farm: 'north' }))).body as { code: string }
  const payload = { code, publicKey: publicKey.export({ format: 'jwk' }).x }
  const enrol = (given: object) => cloud.ask({ method: 'POST', url: routes.edgeEnrol, payload: given })
  const { edge: id } = (await enrol(payload)).body as { edge: string }
  await retire(id)
  expect((await enrol(payload)).code).toBe('code-wrong')
  const next = (await owner.post(path(routes.enrolmentCodes, { farm: 'north' }))).body as { code: string }
  expect((await enrol({ ...payload, code: next.code })).status).toBe(201)
})

it('is for the farm’s owner alone, and of this farm’s edges', async () => {
  const stranger = await cloud.stranger('stranger')
  await cloud.farm(stranger, 'south', ['h1'])
  const theirs = await enrolTestEdge(cloud.ask, cloud.clock, stranger, 'south')
  expect((await retire(theirs.id)).status).toBe(204)
  expect((await send(theirs, 1)).status).toBe(200)
  const helper = await cloud.stranger('helper')
  cloud.join('helper', 'north', 'worker')
  expect((await helper.get(path(routes.health, { farm: 'north' }))).status).toBe(200)
  expect((await retire(edge.id, helper)).code).toBe('not-yours')
  expect((await send(edge, 1)).status).toBe(200)
})
