import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChartSeries, HealthView } from '#domain/api/farm.ts'
import { path, routes } from '#domain/api/routes.ts'
import { type BatchAnswer, MAX_BATCH_BYTES, MAX_BATCH_READINGS, type ReadingsBatch } from '#domain/sync.ts'
import { HOUR, MINUTE } from '#domain/time.ts'
import { signRequest } from '#request-signing/sign-request.ts'
import { openEmbedded } from '../embedded/open-embedded.ts'
import { fakeClock, openTestCloud, START, type TestCloud } from '../test/open-test-cloud.ts'
import {
  alarmEvent,
  alarmsBatch,
  EPOCH,
  readingsBatch,
  type TestEdge,
  temperature,
} from '../test/test-edge.ts'
import type { Answer, TestPerson } from '../test/test-person.ts'

let cloud: TestCloud
let owner: TestPerson
let edge: TestEdge
beforeEach(async () => {
  cloud = await openTestCloud()
  owner = await cloud.owner()
  await cloud.farm(owner, 'north', ['h1', 'h2'])
  edge = await cloud.edge(owner, 'north')
})
afterEach(() => cloud.close())

const minutes = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) =>
    temperature(START - HOUR + (from + index) * MINUTE, 20 + ((from + index) % 10)),
  )
const send = (batch: unknown) => edge.post(routes.edgeBatches, batch)
const counters = async () =>
  ((await owner.get(path(routes.health, { farm: 'north' }))).body as HealthView).cloud
const stored = async (house = 'h1') => {
  const query = new URLSearchParams({
    metric: 'air.temperature',
    from: `${START - HOUR}`,
    to: `${START}`,
    points: '60',
  })
  const answer = await owner.get(`${path(routes.series, { farm: 'north', house })}?${query}`)
  return (answer.body as ChartSeries[]).flatMap(({ t, mean }) => t.map((at, index) => [at, mean[index]]))
}
const asStored = (readings: readonly { t: number; value: number }[]) =>
  readings.map(({ t, value }) => [t, value])

describe('a batch', () => {
  it('is stored, and answered with the highest number', async () => {
    const answer = await send(readingsBatch(1, minutes(10)))
    expect([answer.status, answer.body]).toEqual([200, { watermark: 10 }])
    expect(await stored()).toEqual(asStored(minutes(10)))
    expect(await counters()).toMatchObject({ 'batches.taken': 1, 'readings.stored': 10 })
  })

  it('that comes again changes nothing', async () => {
    await send(readingsBatch(1, minutes(10)))
    expect((await send(readingsBatch(1, minutes(10)))).body).toEqual({ watermark: 10 })
    expect((await send(readingsBatch(3, minutes(2, 2)))).body).toEqual({ watermark: 10 })
    expect(await stored()).toEqual(asStored(minutes(10)))
    expect(await counters()).toMatchObject({ 'batches.repeated': 2, 'readings.stored': 10 })
  })

  it('that overlaps is taken from there on', async () => {
    await send(readingsBatch(1, minutes(10)))
    expect((await send(readingsBatch(6, minutes(10, 5)))).body).toEqual({ watermark: 15 })
    expect(await stored()).toEqual(asStored(minutes(15)))
  })

  it('that leaves a gap is refused with the number expected', async () => {
    await send(readingsBatch(1, minutes(10)))
    const answer = await send(readingsBatch(12, minutes(3, 11)))
    expect([answer.status, answer.code, answer.body]).toMatchObject([409, 'batch-gap', { expected: 11 }])
    expect(await stored()).toEqual(asStored(minutes(10)))
  })

  it('of a new epoch begins at 1, and the lanes do not mix', async () => {
    await send(readingsBatch(1, minutes(10)))
    expect((await send(readingsBatch(1, minutes(3, 10), 'b'.repeat(16)))).body).toEqual({ watermark: 3 })
    const event = alarmEvent({ action: 'raised', t: START, since: START })
    expect((await send(alarmsBatch(1, [event]))).body).toEqual({ watermark: 1 })
    expect((await send(readingsBatch(11, minutes(1, 13)))).body).toEqual({ watermark: 11 })
    expect(await stored()).toEqual(asStored(minutes(14)))
  })

  it('of another farm’s house with the same name stays apart', async () => {
    const other = await cloud.stranger('other')
    await cloud.farm(other, 'south', ['h1'])
    const otherEdge = await cloud.edge(other, 'south')
    await send(readingsBatch(1, minutes(3)))
    await otherEdge.post(routes.edgeBatches, readingsBatch(1, [temperature(START - HOUR, 31)]))
    expect(await stored()).toEqual(asStored(minutes(3)))
    const query = `?metric=air.temperature&from=${START - HOUR}&to=${START}`
    const southern = await other.get(`${path(routes.series, { farm: 'south', house: 'h1' })}${query}`)
    expect(southern.body).toMatchObject([{ mean: [31] }])
  })

  it('ends in the same state however repeats and reorderings come, at once or in turn', async () => {
    const run = async (plan: { from: number; length: number }[], together: boolean, epoch: string) => {
      const readings = minutes(60)
      const batches = plan.map(({ from, length }) =>
        readingsBatch(from, readings.slice(from - 1, Math.min(60, from - 1 + length)), epoch),
      )
      if (together) await Promise.all(batches.map(send))
      else for (const batch of batches) await send(batch)
      // What an edge does after whatever happened: go on from the number that it is told.
      let next = 1
      while (next <= 60) {
        const answer = await send(readingsBatch(next, readings.slice(next - 1, next + 19), epoch))
        expect(answer.status).toBe(200)
        next = (answer.body as { watermark: number }).watermark + 1
      }
      expect(next).toBe(61)
      expect(await stored()).toEqual(asStored(readings))
    }
    let epoch = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ from: fc.integer({ min: 1, max: 60 }), length: fc.integer({ min: 1, max: 30 }) }),
          {
            minLength: 1,
            maxLength: 12,
          },
        ),
        fc.boolean(),
        (plan, together) => run(plan, together, (epoch++).toString(16).padStart(16, '0')),
      ),
      { numRuns: 30 },
    )
  }, 60_000)
})

describe('a bad batch', () => {
  const good = readingsBatch(1, minutes(3))
  const column = good.series[0] as ReadingsBatch['series'][number]
  const withColumn = (change: object) => ({ ...good, series: [{ ...column, ...change }] })
  const json = (value: unknown) => Buffer.from(JSON.stringify(value))
  const bytes = (body: Uint8Array, encoding?: string) => () =>
    edge.postBytes(routes.edgeBatches, body, {
      'content-type': 'application/json',
      ...(encoding && { 'content-encoding': encoding }),
    })
  const batch = (body: unknown) => () => send(body)

  const table: [string, () => Promise<Answer>, number, string, RegExp][] = [
    ['no JSON', bytes(Buffer.from('{"lane":')), 400, 'not-valid', /JSON/],
    ['no UTF-8', bytes(Buffer.from([0x22, 0xff, 0x22])), 400, 'not-valid', /UTF-8/],
    ['nothing', bytes(new Uint8Array()), 400, 'not-valid', /JSON/],
    ['no zstd', bytes(json(good), 'zstd'), 400, 'not-valid', /zstd/],
    ['half a zstd', bytes(zstdCompressSync(json(good)).subarray(0, 40), 'zstd'), 400, 'not-valid', /zstd/],
    ['gzip', bytes(json(good), 'gzip'), 400, 'not-valid', /gzip/],
    ['a bomb', bytes(zstdCompressSync(Buffer.alloc(200_000_000)), 'zstd'), 413, 'too-large', /8000000/],
    ['a large body', bytes(Buffer.alloc(MAX_BATCH_BYTES + 1, 32)), 413, 'too-large', /large/],
    ['a list', batch([]), 400, 'not-valid', /body/],
    ['another lane', batch({ ...good, lane: 'weather' }), 400, 'not-valid', /body/],
    ['an unknown member', batch({ ...good, extra: 1 }), 400, 'not-valid', /additional.*extra/],
    ['a wrong type', batch({ ...good, from: '1' }), 400, 'not-valid', /body\/from must be integer/],
    ['another epoch', batch({ ...good, epoch: 'now' }), 400, 'not-valid', /body\/epoch/],
    ['a wrong span', batch({ ...good, to: 9 }), 422, 'batch-wrong', /from 1 to 9 .* 3/],
    ['a backward span', batch({ ...good, from: 9, to: 1 }), 422, 'batch-wrong', /from 9 to 1/],
    ['a foreign house', batch(withColumn({ house: 'h9' })), 409, 'house-unknown', /no house "h9"/],
    ['no house', batch(withColumn({ house: '' })), 422, 'batch-wrong', /names no house/],
    ['a bad device', batch(withColumn({ device: 'a|b' })), 422, 'batch-wrong', /"a\|b"/],
    ['a long name', batch(withColumn({ by: 'x'.repeat(65) })), 422, 'batch-wrong', /by/],
    ['an unknown metric', batch(withColumn({ metric: 'air.soul' })), 422, 'batch-wrong', /air\.soul/],
    ['columns of two lengths', batch(withColumn({ v: [1, 2] })), 422, 'batch-wrong', /3 times, 2 values/],
    ['an order that names nothing', batch({ ...good, order: [0, 0, 7] }), 422, 'batch-wrong', /series 7/],
    [
      'an implausible value',
      batch(withColumn({ v: [200, 1, 10_000] })),
      422,
      'batch-wrong',
      /air-1 air.temperature 1020.1 at \d+: implausible/,
    ],
    [
      'the future',
      batch(readingsBatch(1, [temperature(START, 20), temperature(START + 5 * MINUTE, 20)])),
      409,
      'from-the-future',
      /h1\/air-1 .* 300 s ahead/,
    ],
    [
      'the future and of nonsense',
      batch(readingsBatch(1, [temperature(START + 5 * MINUTE, 20), temperature(START, 1000)])),
      422,
      'batch-wrong',
      /implausible/,
    ],
    ['1970', batch(readingsBatch(1, [temperature(5, 20)])), 422, 'batch-wrong', /before-2020/],
    [
      'times beyond all numbers',
      batch(withColumn({ t: [1e300, 1e300, 1e300] })),
      422,
      'batch-wrong',
      /at 1e\+300: bad-time/,
    ],
    [
      'too many',
      batch({ ...good, to: MAX_BATCH_READINGS + 1, order: Array(MAX_BATCH_READINGS + 1).fill(0) }),
      422,
      'batch-wrong',
      /at most 20000/,
    ],
    [
      'an alarm of no house that can be',
      batch(alarmsBatch(1, [alarmEvent({ action: 'raised', t: START, since: START, house: 'H|9' })])),
      422,
      'batch-wrong',
      /"H\|9"/,
    ],
    [
      'an alarm out of time',
      batch(alarmsBatch(1, [alarmEvent({ action: 'raised', t: 1e300, since: START })])),
      422,
      'batch-wrong',
      /cannot be/,
    ],
  ]
  it.each(table)(
    'of %s is refused, named and counted; nothing of it stays',
    async (_, post, status, code, detail) => {
      const answer = await post()
      expect([answer.status, answer.code]).toEqual([status, code])
      expect((answer.body as { detail: string }).detail).toMatch(detail)
      expect(answer.headers['content-type']).toMatch(/problem\+json/)
      expect(await counters()).toMatchObject({ [`refused.${code}`]: 1 })
      expect(await stored()).toEqual([])
      expect((await send(good)).body).toEqual({ watermark: 3 })
    },
  )

  it('is refused when its signature is of another time, body or edge', async () => {
    const body = json(good)
    const headers = await edge.sign('POST', routes.edgeBatches, body)
    const ask = (payload: Buffer) => cloud.ask({ method: 'POST', url: routes.edgeBatches, headers, payload })
    expect((await ask(json({ ...good, from: 2, to: 4 }))).code).toBe('signature-wrong')
    cloud.clock.advance(6 * MINUTE)
    expect((await ask(body)).code).toBe('signature-expired')
    const stranger = { id: 'edge-x', privateKey: edge.key.privateKey }
    const theirs = { method: 'POST', url: routes.edgeBatches, headers: {}, body }
    const signed = await signRequest(stranger, theirs, cloud.clock.now())
    const other = await cloud.ask({ method: 'POST', url: routes.edgeBatches, headers: signed, payload: body })
    expect(other.code).toBe('edge-unknown')
    expect(await stored()).toEqual([])
    const codes = ['signature-wrong', 'signature-expired', 'edge-unknown']
    expect(await counters()).toEqual(Object.fromEntries(codes.map((code) => [`refused.${code}`, 1])))
  })
})

describe('a store that cannot write', () => {
  it('is answered with 503 and when to try again; what was acknowledged stays, the rest goes through later', async () => {
    await cloud.close()
    cloud = await openTestCloud({ maxDatabaseBytes: 1_500_000 })
    owner = await cloud.owner()
    await cloud.farm(owner, 'north', ['h1'])
    edge = await cloud.edge(owner, 'north')
    const many = (from: number) =>
      readingsBatch(
        from,
        Array.from({ length: 5000 }, (_, index) =>
          temperature(START - 100 * HOUR + (from + index) * 1000, 20),
        ),
      )
    let next = 1
    let answer = await send(many(next))
    while (answer.status === 200 && next < 1e6) {
      next = (answer.body as { watermark: number }).watermark + 1
      answer = await send(many(next))
    }
    expect([answer.status, answer.code, answer.headers['retry-after']]).toEqual([503, 'store-down', '10'])
    expect(next).toBeGreaterThan(5000)
    expect(await counters()).toMatchObject({ 'refused.store-down': 1, 'readings.stored': next - 1 })
    // The number expected is still the one after what was acknowledged.
    expect((await send(many(next + 1))).body).toMatchObject({ expected: next })
  })
})

it('asks for a pause when taking a batch takes it long, and only then', async () => {
  expect((await send(readingsBatch(1, minutes(1)))).body).toEqual({ watermark: 1 })
  await cloud.close()
  const clock = fakeClock()
  // Whoever looks at this clock finds that 1.5 s have passed since the last look.
  const slow = {
    ...clock,
    monotonic() {
      clock.advance(1500)
      return clock.monotonic()
    },
  }
  cloud = await openTestCloud({ clock: slow })
  owner = await cloud.owner()
  await cloud.farm(owner, 'north', ['h1'])
  edge = await cloud.edge(owner, 'north')
  const { notBeforeMs } = (await send(readingsBatch(1, minutes(1)))).body as BatchAnswer
  expect(notBeforeMs).toBeGreaterThanOrEqual(1000)
  expect(notBeforeMs).toBeLessThanOrEqual(5000)
  // Nobody waits with an alarm.
  const event = alarmEvent({ action: 'raised', t: START, since: START })
  expect((await send(alarmsBatch(1, [event]))).body).toEqual({ watermark: 1 })
})

it('keeps watermarks through a restart', async () => {
  await send(readingsBatch(1, minutes(10)))
  const stores = openEmbedded(cloud.database)
  const known = await stores.registry.edges.byId(edge.id)
  if (!known) throw new Error('the edge is gone')
  const taken = await stores.batches.takeReadings(known, { epoch: EPOCH, from: 12, to: 12 }, [])
  stores.close()
  expect(taken).toEqual({ kind: 'gap', expected: 11 })
})
