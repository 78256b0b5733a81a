import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestCloud, type TestCloud } from '../test/open-test-cloud.ts'
import type { TestEdge } from '../test/test-edge.ts'
import type { TestPerson } from '../test/test-person.ts'

/** The routes register themselves: a new one is in this test by existing. */
let cloud: TestCloud
let owner: TestPerson
let stranger: TestPerson
let edge: TestEdge
beforeAll(async () => {
  cloud = await openTestCloud()
  owner = await cloud.owner()
  stranger = await cloud.stranger('stranger')
  await cloud.farm(owner, 'north', ['h1'])
  await cloud.farm(stranger, 'south', ['h1'])
  edge = await cloud.edge(owner, 'north')
})
afterAll(() => cloud.close())

const filled = (url: string) =>
  url.replace(':farm', 'north').replace(':house', 'h1').replace(/:\w+/g, 'x').replace('*', 'x')
const routesBehind = (...doors: unknown[]) => cloud.doors.filter(({ door }) => doors.includes(door))

describe('every route', () => {
  it('says whom it lets in', () => {
    expect(cloud.doors.length).toBeGreaterThan(25)
    expect(cloud.doors.filter(({ door }) => door === undefined)).toEqual([])
  })

  it('lets anyone in only where that was meant', () => {
    const open = routesBehind('anyone').filter(({ url }) => !url.startsWith('/api/docs'))
    expect(open.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
      'GET /api/openapi.json',
      'GET /api/v1/setup',
      'GET /healthz',
      'POST /api/edge/v1/enrol',
      'POST /api/v1/session',
      'POST /api/v1/setup',
    ])
  })

  it('that names a farm checks whether it is the visitor’s', () => {
    const named = cloud.doors.filter(({ url }) => url.includes(':farm'))
    expect(named.length).toBeGreaterThan(12)
    expect(named.filter(({ door }) => door !== 'member')).toEqual([])
  })

  it('refuses who is not logged in, before it reads the body', async () => {
    for (const { method, url } of routesBehind('person', 'member')) {
      const answer = await cloud.ask({ method: method as 'GET', url: filled(url), payload: '{bad' })
      expect([url, answer.status, answer.code]).toEqual([url, 401, 'not-logged-in'])
    }
  })

  it('refuses who belongs to another farm, and a farm that is not there, alike', async () => {
    for (const { method, url } of routesBehind('member')) {
      const headers = { cookie: stranger.cookie, 'content-type': 'application/json' }
      const foreign = await cloud.ask({ method: method as 'GET', url: filled(url), headers })
      expect([url, foreign.status, foreign.code]).toEqual([url, 403, 'not-yours'])
      const nowhere = url.replace(':farm', 'nowhere').replace(/:\w+/g, 'x')
      const missing = await cloud.ask({ method: method as 'GET', url: nowhere, headers })
      expect([url, missing.status, missing.code]).toEqual([url, 403, 'not-yours'])
    }
  })

  it('of an edge takes no log-in and no forged signature', async () => {
    expect(routesBehind('edge').length).toBeGreaterThanOrEqual(4)
    for (const { method, url } of routesBehind('edge')) {
      const at = filled(url)
      const asked = { method: method as 'GET', url: at }
      const unsigned = await cloud.ask({ ...asked, headers: { cookie: owner.cookie } })
      expect([url, unsigned.status, unsigned.code]).toEqual([url, 401, 'signature-missing'])
      const headers = await edge.sign(method, '/api/edge/v1/other', new Uint8Array())
      const forged = await cloud.ask({ ...asked, headers })
      expect([url, forged.status, forged.code]).toEqual([url, 401, 'signature-wrong'])
    }
  })

  it('does not take an edge’s signature for a log-in', async () => {
    for (const { method, url } of routesBehind('person', 'member')) {
      const at = filled(url)
      const headers = await edge.sign(method, at, new Uint8Array())
      const answer = await cloud.ask({ method: method as 'GET', url: at, headers })
      expect([url, answer.status]).toEqual([url, 401])
    }
  })

  it('that a person writes to refuses what another site’s page sends', async () => {
    const writes = routesBehind('anyone', 'person', 'member').filter(
      ({ method }) => method !== 'GET' && method !== 'HEAD',
    )
    expect(writes.length).toBeGreaterThan(7)
    for (const { method, url } of writes) {
      for (const from of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
      ]) {
        const headers = { cookie: owner.cookie, ...from } as Record<string, string>
        const answer = await cloud.ask({ method: method as 'POST', url: filled(url), headers })
        expect([url, answer.status, answer.code]).toEqual([url, 403, 'cross-site'])
      }
    }
  })
})

it('takes a write from its own page', async () => {
  for (const from of [
    { 'sec-fetch-site': 'same-origin' },
    { origin: 'http://localhost:80' },
    { origin: 'http://localhost' },
  ]) {
    const answer = await cloud.ask({
      method: 'POST',
      url: '/api/v1/farms/north/edges/codes',
      headers: { cookie: owner.cookie, host: 'localhost', ...from } as Record<string, string>,
    })
    expect([from, answer.status]).toEqual([from, 201])
  }
})
