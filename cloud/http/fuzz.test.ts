import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestCloud, START, type TestCloud } from '../test/open-test-cloud.ts'
import { alarmEvent, alarmsBatch, type TestEdge, temperature } from '../test/test-edge.ts'
import type { TestPerson } from '../test/test-person.ts'

/**
 * Requests of every kind over every route, from nobody, a member and an edge: the answer is never a 500.
 * Bodies are near misses: good ones with one place changed, and plain nonsense.
 */
let cloud: TestCloud
let owner: TestPerson
let edge: TestEdge
const page = mkdtempSync(join(tmpdir(), 'flockwise-page-'))
beforeAll(async () => {
  writeFileSync(join(page, 'index.html'), 'page')
  cloud = await openTestCloud({ limits: { people: 1e9, edges: 1e9 }, pageDirectory: page })
  owner = await cloud.owner()
  await cloud.farm(owner, 'north', ['h1'])
  edge = await cloud.edge(owner, 'north')
})
afterAll(async () => {
  await cloud.close()
  rmSync(page, { recursive: true })
})

const flock = '7b0d1c7e-52f1-4b62-9f6f-0d1f7c1b2a33'
const goodBodies: object[] = [
  { code: 'AAAAA-AAAAA', login: 'login', password: 'long enough', name: 'x' },
  { id: 'farm', name: 'Farm', timeZone: 'Asia/Shanghai' },
  { id: 'h7', name: 'House', timeZone: 'Europe/Berlin', floorM2: 12 },
  { id: flock, house: 'h1', breed: 'custom', sex: 'male', placedOn: '2026-05-20', placed: 100 },
  { id: flock, day: '2026-05-25', at: START, kind: 'died', birds: 3 },
  { code: 'AAAAAAAA', publicKey: 'x'.repeat(43) },
  alarmsBatch(1, [alarmEvent({ action: 'raised', t: START, since: START })]),
  { t: START, backlog: 0, readings: [temperature(START, 21)], counters: {}, devices: {} },
]
const oddValues: unknown[] = [
  ...[null, true, '', 'x', '\u0000', '\ud800', '__proto__', '2026-99-99', flock, 'x'.repeat(5000)],
  ...[0, -1, 0.5, 1e300, -1e300, 2 ** 53, 2 ** 63, START],
  ...[[], [[]], {}, { toString: 1 }, [null], Array(300).fill(7)],
]

/** The same with one place, however deep, set to something odd. */
function withOddPlace(body: unknown, places: readonly number[], odd: unknown): unknown {
  const [place = 0, ...deeper] = places
  if (typeof body !== 'object' || body === null || places.length === 0) return odd
  const keys = Object.keys(body)
  const key = keys[place % (keys.length + 1)] ?? 'extra'
  const changed = withOddPlace((body as Record<string, unknown>)[key], deeper, odd)
  return Array.isArray(body)
    ? body.map((item, index) => (`${index}` === key ? changed : item))
    : { ...body, [key]: changed }
}

const part = fc.oneof(
  fc.constantFrom('north', 'h1', flock, 'air-1', 'x', '%00', '%2e%2e', '%F0%9F%90%94', 'a%7Cb', '%', "'--"),
  fc.string({ maxLength: 500 }).map((text) => {
    try {
      return encodeURIComponent(text)
    } catch {
      return 'lone'
    }
  }),
)
const query = fc.oneof(
  fc.constant(''),
  fc
    .dictionary(
      fc.constantFrom(
        'metric',
        'from',
        'to',
        'points',
        'open',
        'house',
        'limit',
        'version',
        'waitMs',
        'extra',
      ),
      fc.constantFrom(
        'air.temperature',
        'bird.count',
        '0',
        '1',
        '-1',
        '1e300',
        '1e15',
        `${START}`,
        'NaN',
        '',
        'true',
        '__proto__',
      ),
    )
    // Neither long polls nor streams: they answer when they have something to say.
    .map((fields) => `?${new URLSearchParams({ ...fields, ...('waitMs' in fields && { waitMs: '0' }) })}`),
)
const body = fc.oneof(
  fc
    .record({
      good: fc.constantFrom(...goodBodies),
      places: fc.array(fc.nat(12), { maxLength: 4 }),
      odd: fc.constantFrom(...oddValues),
    })
    .map(({ good, places, odd }) => JSON.stringify(withOddPlace(good, places, odd))),
  fc.constantFrom(...goodBodies).map((good) => JSON.stringify(good)),
  fc.json(),
  fc.string(),
)

it('answers 3000 odd requests without an error of its own', async () => {
  const doors = cloud.doors.filter(
    ({ method, url }) =>
      ['GET', 'POST', 'DELETE'].includes(method) && !url.endsWith('/live') && !url.endsWith('/wants'),
  )
  // The log-in that all use must not be ended, and hashing passwords is slow on purpose.
  const asked = doors.filter(
    ({ method, url }) => method !== 'DELETE' && !(method === 'POST' && /session|setup/.test(url)),
  )
  const edgeOnes = cloud.doors.filter(({ url }) => url.startsWith('/api/edge/'))
  const statuses = new Map<number, number>()
  const run = async (at: number, asEdge: boolean, parts: string[], search: string, payload: string) => {
    const among = asEdge ? edgeOnes : asked
    const { method, url } = among[at % among.length] ?? { method: 'GET', url: '/' }
    const queue = [...parts]
    let target =
      url
        .replace(/:farm/, asEdge || parts.length % 2 ? 'north' : ':farm')
        .replace(/:\w+|\*/g, () => queue.pop() ?? 'x') + search
    if (url.endsWith('/wants')) target = `${url}?waitMs=0`
    const hasBody = method === 'POST'
    const type: Record<string, string> = hasBody ? { 'content-type': 'application/json' } : {}
    const bytes = Buffer.from(hasBody ? payload : '')
    const headers = asEdge ? await edge.sign(method, target, bytes, type) : { ...type, cookie: owner.cookie }
    const answer = await cloud.app.inject({
      method: method as 'GET',
      url: target,
      headers,
      ...(hasBody && { payload: bytes }),
    })
    statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
    if (answer.statusCode >= 500) throw new Error(`${method} ${target} ${payload}: ${answer.body}`)
    if (answer.statusCode >= 400 && !url.startsWith('/api/docs'))
      expect(answer.json()).toMatchObject({ status: answer.statusCode, detail: expect.any(String) })
  }
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.boolean(),
      fc.array(part, { minLength: 3, maxLength: 4 }),
      query,
      body,
      run,
    ),
    { numRuns: 3000 },
  )
  // It reached handlers, and not only the door.
  expect(statuses.get(200)).toBeGreaterThan(100)
  expect(statuses.get(400)).toBeGreaterThan(100)
}, 120_000)
