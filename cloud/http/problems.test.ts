import { afterAll, beforeAll, expect, it } from 'vitest'
import { path, routes } from '#domain/api/routes.ts'
import { openTestCloud, type TestCloud } from '../test/open-test-cloud.ts'
import type { TestPerson } from '../test/test-person.ts'

let cloud: TestCloud
let owner: TestPerson
beforeAll(async () => {
  cloud = await openTestCloud()
  owner = await cloud.owner()
  await cloud.farm(owner, 'north', ['h1'])
})
afterAll(() => cloud.close())

const json = 'application/json'
const house = { id: 'h2', name: 'House', timeZone: 'Asia/Shanghai' }
const table: [string, string, string, number, string, RegExp][] = [
  ['half a JSON', json, '{"id":', 400, 'not-valid', /JSON/],
  ['nothing', json, '', 400, 'not-valid', /empty/],
  ['a list', json, '[]', 400, 'not-valid', /body must be object/],
  ['plain text', 'text/plain', '{}', 400, 'not-valid', /send .* application\/json/],
  ['a form', 'application/x-www-form-urlencoded', 'id=h2', 400, 'not-valid', /send .* application\/json/],
  ['a missing field', json, JSON.stringify({ ...house, name: undefined }), 400, 'not-valid', /name/],
  [
    'a number for a name',
    json,
    JSON.stringify({ ...house, name: 7 }),
    400,
    'not-valid',
    /body\/name must be string/,
  ],
  ['an unknown field', json, JSON.stringify({ ...house, roof: 1 }), 400, 'not-valid', /roof/],
  ['a poisoned prototype', json, '{"__proto__":{"x":1}}', 400, 'not-valid', /JSON/],
  ['an id that is none', json, JSON.stringify({ ...house, id: 'H 2' }), 400, 'not-valid', /body\/id/],
  [
    'no time zone',
    json,
    JSON.stringify({ ...house, timeZone: 'Mars/Base' }),
    400,
    'not-valid',
    /Mars\/Base.*Asia/,
  ],
  ['a house that is there', json, JSON.stringify({ ...house, id: 'h1' }), 409, 'already-there', /"h1"/],
  ['a megabyte', json, `"${'x'.repeat(1e6)}"`, 413, 'too-large', /large/],
]
it.each(table)('answers %s with what was wrong', async (_, type, payload, status, code, detail) => {
  const headers = { cookie: owner.cookie, 'content-type': type }
  const url = path(routes.houses, { farm: 'north' })
  const answer = await cloud.ask({ method: 'POST', url, headers, payload })
  expect([answer.status, answer.body]).toMatchObject([status, { type: 'about:blank', status, code }])
  expect((answer.body as { detail: string }).detail).toMatch(detail)
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
})

it.each([
  ['metric', 'metric=air.soul&from=1&to=2', /air\.soul/],
  ['from', 'metric=air.nh3&from=yesterday&to=2', /querystring\/from must be integer/],
  ['order', 'metric=air.nh3&from=2&to=1', /before/],
  ['points', 'metric=air.nh3&from=1&to=2&points=2001', /querystring\/points/],
  ['range', 'metric=air.nh3&from=1&to=1e300', /querystring\/to/],
  ['other', 'metric=air.nh3&from=1&to=2&colour=red', /colour/],
  ['absence', 'from=1&to=2', /metric/],
])('names a wrong %s of a query', async (_, query, detail) => {
  const answer = await owner.get(`${path(routes.series, { farm: 'north', house: 'h1' })}?${query}`)
  expect([answer.status, (answer.body as { detail: string }).detail]).toEqual([
    400,
    expect.stringMatching(detail),
  ])
})
