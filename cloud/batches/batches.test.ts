import { createHash } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChartSeries, HealthView } from '#domain/api/farm.ts'
import { path, routes } from '#domain/api/routes.ts'
import { encodeBatchHeader } from '#domain/columns/batch-header.ts'
import { createByteWriter } from '#domain/columns/bytes.ts'
import { createDictionary } from '#domain/columns/dictionary.ts'
import { encodeColumns } from '#domain/columns/encode-columns.ts'
import { encodeWithDictionary } from '#domain/columns/own-dictionary.ts'
import { runsOf } from '#domain/columns/runs.ts'
import type { Reading } from '#domain/reading.ts'
import {
  type BatchAnswer,
  MAX_BATCH_BYTES,
  MAX_BATCH_READINGS,
  MAX_DICTIONARY_BYTES,
  MAX_REFUSED_NAMED,
  MAX_UNPACKED_BYTES,
} from '#domain/sync.ts'
import { HOUR, MINUTE, SECOND } from '#domain/time.ts'
import { signRequest } from '#request-signing/sign-request.ts'
import { openEmbedded } from '../embedded/open-embedded.ts'
import { fakeClock, openTestCloud, START, type TestCloud } from '../test/open-test-cloud.ts'
import {
  alarmEvent,
  alarmsBatch,
  batchHeader,
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

  it('that overlaps is taken whole', async () => {
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
    expect((await send(readingsBatch(1, minutes(3, 10), { epoch: 'b'.repeat(16) }))).body).toEqual({
      watermark: 3,
    })
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

  it('says where its lane stands', async () => {
    const stands = async (lane: string, epoch = EPOCH) =>
      (await edge.get(path(routes.edgeWatermark, { lane, epoch }))).body
    expect(await stands('readings')).toEqual({ watermark: 0 })
    await send(readingsBatch(1, minutes(10)))
    expect(await stands('readings')).toEqual({ watermark: 10 })
    expect(await stands('alarms')).toEqual({ watermark: 0 })
    expect(await stands('readings', 'b'.repeat(16))).toEqual({ watermark: 0 })
    expect(await stands('weather')).toMatchObject({ code: 'not-valid' })
  })

  it('accounts for numbers that bring no reading', async () => {
    const thinned = { from: 1, to: 5000, thinned: 4990 }
    expect((await send(readingsBatch(1, minutes(10), thinned))).body).toEqual({ watermark: 5000 })
    const nothing = encodeBatchHeader(batchHeader(5001, 5100, { aside: 100 }))
    expect((await send(nothing)).body).toEqual({ watermark: 5100 })
    expect(await stored()).toEqual(asStored(minutes(10)))
  })

  it('of a house that the farm has not made yet is stored and counted; the house shows it when it is made', async () => {
    const early = temperature(START - HOUR, 23, 'h9')
    expect((await send(readingsBatch(1, [early, ...minutes(3)]))).body).toEqual({ watermark: 4 })
    expect(await stored()).toEqual(asStored(minutes(3)))
    expect(await counters()).toMatchObject({ 'readings.stored': 4, 'readings.house-unknown': 1 })
    const house = { id: 'h9', name: 'House 9', timeZone: 'UTC', floorM2: 800 }
    await owner.post(path(routes.houses, { farm: 'north' }), house)
    expect(await stored('h9')).toEqual(asStored([early]))
    await send(readingsBatch(5, [temperature(START - MINUTE, 23, 'h9')]))
    expect(await counters()).toMatchObject({ 'readings.stored': 5, 'readings.house-unknown': 1 })
  })

  it('whose readings were moved in time takes the place of what was sent before', async () => {
    const wrong = minutes(10)
    const right = wrong.map((one) => ({ ...one, t: one.t + 7 * MINUTE }))
    await send(readingsBatch(1, wrong))
    expect((await send(readingsBatch(11, right, { movedByMs: 7 * MINUTE }))).body).toEqual({ watermark: 20 })
    expect(await stored()).toEqual(asStored(right))
    expect(await counters()).toMatchObject({ 'readings.moved': 10 })
  })

  describe('by a dictionary', () => {
    const builder = createDictionary()
    builder.place(temperature(0, 0).series, 200)
    const json = JSON.stringify(builder.devices)
    const hash = createHash('sha256').update(json).digest('hex').slice(0, 16)
    const columns = zstdCompressSync(encodeColumns(runsOf(minutes(10)), builder))
    const batch = Buffer.concat([encodeBatchHeader(batchHeader(1, 10, { dictionary: hash })), columns])
    const put = (body: string, name = hash, encoding?: string) =>
      edge.put(
        path(routes.edgeDictionary, { hash: name }),
        encoding ? zstdCompressSync(body) : Buffer.from(body),
        encoding ? { 'content-encoding': encoding } : {},
      )

    it('is asked for it when it is not known, and taken when it is, also after a restart', async () => {
      expect(await send(batch)).toMatchObject({ status: 409, code: 'dictionary-unknown' })
      expect((await put(json, hash, 'zstd')).status).toBe(204)
      const stores = openEmbedded(cloud.database)
      const known = await stores.registry.edges.byId(edge.id)
      expect(Buffer.from((known && (await stores.dictionaries.find(known, hash))) ?? []).toString()).toBe(
        json,
      )
      stores.close()
      expect((await send(batch)).body).toEqual({ watermark: 10 })
      expect(await stored()).toEqual(asStored(minutes(10)))
    })

    it('of another edge is not known', async () => {
      await put(json)
      const other = await cloud.edge(owner, 'north')
      expect((await other.post(routes.edgeBatches, batch)).code).toBe('dictionary-unknown')
    })

    it('is forgotten when some newer ones have come', async () => {
      await put(json)
      for (let age = 0; age < 8; age++) {
        const newer = JSON.stringify([{ ...builder.devices[0], device: `other-${age}` }])
        const { status } = await put(newer, createHash('sha256').update(newer).digest('hex').slice(0, 16))
        expect(status).toBe(204)
      }
      const stores = openEmbedded(cloud.database)
      const known = await stores.registry.edges.byId(edge.id)
      expect(known && (await stores.dictionaries.find(known, hash))).toBeUndefined()
      stores.close()
    })

    it.each([
      ['another hash', json, '0'.repeat(16), 'not-valid', /not 0000/],
      ['no hash', json, 'hash', 'not-valid', /hash/],
      [
        'no dictionary',
        '{}',
        createHash('sha256').update('{}').digest('hex').slice(0, 16),
        'not-valid',
        /no dictionary/,
      ],
    ])('that is %s is refused', async (_, body, name, code, detail) => {
      const answer = await put(body, name)
      expect(answer.code).toBe(code)
      expect((answer.body as { detail: string }).detail).toMatch(detail)
    })

    it('that unpacks to more than one may is refused before it is unpacked', async () => {
      expect((await put(' '.repeat(MAX_DICTIONARY_BYTES + 1), hash, 'zstd')).code).toBe('too-large')
    })
  })

  it('ends in the same state however repeats and reorderings come, at once or in turn', async () => {
    const run = async (plan: { from: number; length: number }[], together: boolean, epoch: string) => {
      const readings = minutes(60)
      const batches = plan.map(({ from, length }) =>
        readingsBatch(from, readings.slice(from - 1, Math.min(60, from - 1 + length)), { epoch }),
      )
      if (together) await Promise.all(batches.map(send))
      else for (const batch of batches) await send(batch)
      // What an edge does after whatever happened: go on from the number that it is told.
      let next = 1
      while (next <= 60) {
        const answer = await send(readingsBatch(next, readings.slice(next - 1, next + 19), { epoch }))
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
  const json = (value: unknown) => Buffer.from(JSON.stringify(value))
  const bytes = (body: Uint8Array, encoding?: string) => () =>
    edge.postBytes(routes.edgeBatches, body, {
      'content-type': 'application/json',
      ...(encoding && { 'content-encoding': encoding }),
    })
  const batch = (body: unknown) => () => send(body)
  /** A header for three readings, and what may stand behind it. */
  const withBody = (body: Uint8Array, header = batchHeader(1, 3)) =>
    batch(Buffer.concat([encodeBatchHeader(header), body]))
  const sealed = zstdCompressSync(encodeWithDictionary(runsOf(minutes(3))), {
    params: { [constants.ZSTD_c_checksumFlag]: 1 },
  })
  const broken = Uint8Array.from(sealed)
  broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1
  const bomb = zstdCompressSync(Buffer.alloc(200_000_000))
  const event = alarmEvent({ action: 'raised', t: START, since: START })
  const alarms = alarmsBatch(1, [event])
  const claimed = createByteWriter()
  for (const number of [0, MAX_BATCH_READINGS + 1, 1]) claimed.number(number)
  const dictionaryLength = createByteWriter()
  dictionaryLength.number(MAX_DICTIONARY_BYTES + 2)
  const nonsense = (reading: Partial<Reading>) =>
    batch(readingsBatch(1, [{ ...temperature(START, 20), ...reading }]))
  const ofSeries = (series: object) =>
    nonsense({ series: { ...temperature(0, 0).series, ...series } as Reading['series'] })

  const table: [string, () => Promise<Answer>, number, string, RegExp][] = [
    ['nothing', bytes(new Uint8Array()), 400, 'not-valid', /JSON/],
    ['no bytes', batch(new Uint8Array()), 422, 'batch-wrong', /cut off after 0 bytes/],
    ['half a header', batch(good.subarray(0, 9)), 422, 'batch-wrong', /cut off/],
    ['another version', batch(Uint8Array.from(good).fill(9, 0, 1)), 422, 'batch-wrong', /version 9/],
    ['half its columns', batch(good.subarray(0, good.length - 9)), 422, 'batch-wrong', /not whole zstd/],
    ['no zstd', withBody(Buffer.from('columns')), 422, 'batch-wrong', /not whole zstd/],
    ['columns of no bytes', withBody(zstdCompressSync('')), 422, 'batch-wrong', /cut off after 0 bytes/],
    ['a wrong checksum', withBody(broken), 422, 'batch-wrong', /checksum/],
    ['other columns', withBody(zstdCompressSync('columns')), 422, 'batch-wrong', /cut off/],
    ['a bomb', withBody(bomb), 413, 'too-large', new RegExp(`${MAX_UNPACKED_BYTES}`)],
    ['a large body', batch(Buffer.alloc(MAX_BATCH_BYTES + 1)), 413, 'too-large', /large/],
    [
      'too many',
      withBody(
        zstdCompressSync(Buffer.concat([Buffer.from('\x02[]'), claimed.take()])),
        batchHeader(1, 60_000),
      ),
      422,
      'batch-wrong',
      /at most 50000/,
    ],
    [
      'more readings than numbers',
      withBody(sealed, batchHeader(1, 2)),
      422,
      'batch-wrong',
      /3 readings, at most 2/,
    ],
    ['no numbers', withBody(sealed, batchHeader(0, 2)), 422, 'batch-wrong', /begins at 0/],
    [
      'a dictionary that nobody has',
      withBody(sealed, batchHeader(1, 3, { dictionary: 'a'.repeat(16) })),
      409,
      'dictionary-unknown',
      /aaaa/,
    ],
    [
      'a dictionary that is too large',
      withBody(
        zstdCompressSync(
          Buffer.concat([dictionaryLength.take(), Buffer.alloc(MAX_DICTIONARY_BYTES + 2, ' ')]),
        ),
      ),
      422,
      'batch-wrong',
      /a dictionary of 2000002 bytes, at most 2000000/,
    ],
    [
      'a metric of a later version',
      ofSeries({ metric: 'air.soul' }),
      409,
      'metric-unknown',
      /air\.soul.*upgrade/,
    ],
    [
      'the future',
      batch(readingsBatch(1, [temperature(START, 20), temperature(START + 5 * MINUTE, 20)])),
      409,
      'from-the-future',
      /h1\/air-1 .* 300 s ahead/,
    ],
    [
      'the near future and the far one',
      batch(readingsBatch(1, [temperature(START + HOUR, 20), temperature(START + 9 * HOUR, 20)])),
      409,
      'from-the-future',
      /h1\/air-1 .* 3600 s ahead/,
    ],
    ['alarms, no JSON', bytes(Buffer.from('{"lane":')), 400, 'not-valid', /JSON/],
    ['alarms, no UTF-8', bytes(Buffer.from([0x22, 0xff, 0x22])), 400, 'not-valid', /UTF-8/],
    ['alarms, no zstd', bytes(json(alarms), 'zstd'), 400, 'not-valid', /zstd/],
    [
      'alarms, half a zstd',
      bytes(zstdCompressSync(json(alarms)).subarray(0, 40), 'zstd'),
      400,
      'not-valid',
      /zstd/,
    ],
    ['alarms, gzip', bytes(json(alarms), 'gzip'), 400, 'not-valid', /gzip/],
    ['alarms, a bomb', bytes(bomb, 'zstd'), 413, 'too-large', new RegExp(`${MAX_UNPACKED_BYTES}`)],
    ['alarms, a list', batch([]), 400, 'not-valid', /body/],
    ['alarms, another lane', batch({ ...alarms, lane: 'weather' }), 400, 'not-valid', /body/],
    ['alarms, an unknown member', batch({ ...alarms, extra: 1 }), 400, 'not-valid', /additional.*extra/],
    ['alarms, a wrong type', batch({ ...alarms, from: '1' }), 400, 'not-valid', /body\/from must be integer/],
    ['alarms, another epoch', batch({ ...alarms, epoch: 'now' }), 400, 'not-valid', /body\/epoch/],
    ['alarms, a wrong span', batch({ ...alarms, to: 9 }), 422, 'batch-wrong', /from 1 to 9 .* 1/],
    ['alarms, a backward span', batch({ ...alarms, from: 9, to: 1 }), 422, 'batch-wrong', /from 9 to 1/],
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

  it.each(['text/plain', 'application/jsonx', undefined])('of type %s is refused', async (type) => {
    for (const body of ['null', '{"lane":"alarms"}']) {
      const answer = await edge.postBytes(
        routes.edgeBatches,
        Buffer.from(body),
        type === undefined ? {} : { 'content-type': type },
      )
      expect([answer.status, answer.code]).toEqual([400, 'not-valid'])
    }
  })

  it('may say more of its type', async () => {
    const type = { 'content-type': 'Application/Octet-Stream; a=b' }
    expect((await edge.postBytes(routes.edgeBatches, good, type)).body).toEqual({ watermark: 3 })
  })

  const refusedRecords: [string, Partial<Reading>, RegExp][] = [
    ['an implausible value', { value: 1020.1 }, /^implausible$/],
    ['a time of 1970', { t: 5 }, /^before-2020$/],
    ['a bad device', { series: { ...temperature(0, 0).series, device: 'a|b' } }, /device/],
    ['no house', { series: { ...temperature(0, 0).series, house: '' } }, /names no house/],
    ['a bad house', { series: { ...temperature(0, 0).series, house: 'a/b' } }, /no id of a house/],
    ['a time next year', { t: START + 365 * 24 * HOUR }, /^from-the-future$/],
    ['a time just over an hour ahead', { t: START + HOUR + SECOND }, /^from-the-future$/],
  ]
  it.each(refusedRecords)('with %s is taken without it, which is named', async (_, odd, why) => {
    const bad = { ...temperature(START - HOUR + 30_000, 20), ...odd }
    const { body } = await send(readingsBatch(1, [...minutes(3), bad]))
    expect(body).toEqual({
      watermark: 4,
      refused: [{ ...bad.series, t: bad.t, why: expect.stringMatching(why) }],
      refusedCount: 1,
    })
    expect(await stored()).toEqual(asStored(minutes(3)))
    expect(await counters()).toMatchObject({ 'records.refused': 1, 'readings.stored': 3 })
  })

  it('with very many bad readings names the first of them', async () => {
    const bad = Array.from({ length: MAX_REFUSED_NAMED + 500 }, (_, index) =>
      temperature(START - HOUR + index, 99),
    )
    const { refused, refusedCount } = (await send(readingsBatch(1, bad))).body as BatchAnswer
    expect([refused?.length, refusedCount]).toEqual([MAX_REFUSED_NAMED, MAX_REFUSED_NAMED + 500])
  })

  it('of alarms with one that no edge makes is taken without it', async () => {
    const odd = alarmEvent({ action: 'raised', t: 8.64e15 + 1, since: START })
    const nowhere = alarmEvent({ action: 'raised', t: START, since: START, house: 'H|9' })
    const { body } = await send(alarmsBatch(1, [nowhere, event, odd]))
    expect(body).toMatchObject({
      watermark: 3,
      refusedCount: 2,
      refused: [{ house: 'H|9' }, { house: 'h1' }],
    })
    const { body: found } = await owner.get(path(routes.alarms, { farm: 'north' }))
    expect(found).toMatchObject([{ house: 'h1', raisedAt: START }])
  })

  it('is refused when its signature is of another time, body or edge', async () => {
    const body = Buffer.from(good)
    const type = { 'content-type': 'application/octet-stream' }
    const headers = await edge.sign('POST', routes.edgeBatches, body, type)
    const ask = (payload: Buffer) => cloud.ask({ method: 'POST', url: routes.edgeBatches, headers, payload })
    expect((await ask(Buffer.from(readingsBatch(2, minutes(3))))).code).toBe('signature-wrong')
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
  const taken = await stores.batches.takeReadings(known, { epoch: EPOCH, from: 12, to: 12, movedByMs: 0 }, [])
  stores.close()
  expect(taken).toEqual({ kind: 'gap', expected: 11 })
})
