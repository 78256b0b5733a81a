import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { path, routes } from '#domain/api/routes.ts'
import type { LedgerStatement, LedgerView, StreamDay } from '#domain/ledger.ts'
import { DAY, MINUTE } from '#domain/time.ts'
import { openTestCloud, START, type TestCloud } from '../test/open-test-cloud.ts'
import { EPOCH, readingsBatch, type TestEdge, temperature } from '../test/test-edge.ts'
import type { TestPerson } from '../test/test-person.ts'

const DAY0 = Math.floor(START / DAY) * DAY
const ledgerOf = (farm: string, query = '') => `${path(routes.ledger, { farm })}${query}`

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

const stream = (more: Partial<StreamDay> = {}): StreamDay => ({
  ...{ house: 'h1', device: 'air-1', metric: 'air.temperature', source: 'sensor', by: '' },
  ...{ measured: 10, duplicate: 0, thinned: 0, replaced: 0, aside: 0, acknowledged: 10 },
  ...more,
})
const statement = (streams: StreamDay[], more: Partial<LedgerStatement> = {}): LedgerStatement => ({
  ...{ at: START, day: new Date(DAY0).toISOString().slice(0, 10), longestOfflineMs: 0, damaged: 0, streams },
  numbers: { epoch: EPOCH, stored: 10, sent: 10, acknowledged: 10 },
  ...more,
})
/** The ledger once everything that was said is counted. */
async function ledger(query = ''): Promise<LedgerView['edges'][number] | undefined> {
  for (let round = 0; round < 100; round++) {
    const { edges } = (await owner.get(ledgerOf('north', query))).body as LedgerView
    if (edges[0]?.days.every(({ inCloud }) => inCloud !== null)) return edges[0]
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('it is never counted')
}
const minutes = (count: number, from = DAY0 + 60 * MINUTE) =>
  Array.from({ length: count }, (_, minute) => temperature(from + minute * MINUTE, 20))

describe('the ledger', () => {
  it('counts what the store has, and not what the box says', async () => {
    await edge.post(routes.edgeBatches, readingsBatch(1, minutes(10)))
    await edge.post(routes.edgeLedger, statement([stream()]))
    expect(await ledger()).toMatchObject({
      edge: edge.id,
      numbers: { acknowledged: 10 },
      days: [{ measured: 10, inCloud: 10, missing: 0, gaps: 0, longestGapMs: MINUTE }],
      streams: [{ device: 'air-1', inCloud: 10, missing: 0 }],
    })
    // The box says that it was told of twelve: two are missing.
    await edge.post(routes.edgeLedger, statement([stream({ measured: 12, acknowledged: 12 })]))
    expect(await ledger()).toMatchObject({ days: [{ inCloud: 10, missing: 2 }] })
  })

  it('counts anew what came after the last word, once the box has spoken again', async () => {
    await edge.post(routes.edgeBatches, readingsBatch(1, minutes(4)))
    await edge.post(routes.edgeLedger, statement([stream({ measured: 4, acknowledged: 4 })]))
    expect(await ledger()).toMatchObject({ days: [{ inCloud: 4 }] })
    const late = minutes(6, DAY0 + 64 * MINUTE)
    await edge.post(routes.edgeBatches, readingsBatch(5, late))
    await edge.post(routes.edgeLedger, statement([stream()]))
    expect(await ledger()).toMatchObject({ days: [{ inCloud: 10, missing: 0 }] })
  })

  it('shows gaps, also one that began the day before', async () => {
    await edge.post(
      routes.edgeBatches,
      readingsBatch(1, [temperature(DAY0 - 30 * MINUTE, 20), ...minutes(3)]),
    )
    await edge.post(routes.edgeLedger, statement([stream({ measured: 3, acknowledged: 3 })]))
    expect(await ledger()).toMatchObject({ days: [{ inCloud: 3, gaps: 1, longestGapMs: 90 * MINUTE }] })
  })

  it('knows what a disk lost, and what went nowhere on purpose', async () => {
    await edge.post(routes.edgeBatches, readingsBatch(1, minutes(5)))
    const streams = [stream({ measured: 12, thinned: 3, replaced: 1, aside: 2, acknowledged: 8 })]
    await edge.post(routes.edgeLedger, statement(streams, { damaged: 3 }))
    expect(await ledger()).toMatchObject({
      days: [{ thinned: 3, aside: 2, damaged: 3, inCloud: 5, missing: 3 }],
    })
  })

  it('is the farm’s own, and of the days asked for', async () => {
    await edge.post(routes.edgeLedger, statement([stream()]))
    const stranger = await cloud.stranger('eve')
    expect((await stranger.get(ledgerOf('north'))).status).toBe(403)
    expect((await ledger('?from=2026-01-01&to=2026-01-31'))?.days).toEqual([])
    expect((await owner.get(ledgerOf('north', '?from=yesterday'))).status).toBe(400)
  })

  it('stays when the box goes', async () => {
    await edge.post(routes.edgeBatches, readingsBatch(1, minutes(10)))
    await edge.post(routes.edgeLedger, statement([stream()]))
    const url = path(routes.edge, { farm: 'north', edge: edge.id })
    const { status } = await cloud.ask({ method: 'DELETE', url, headers: { cookie: owner.cookie } })
    expect(status).toBe(204)
    expect(await ledger()).toMatchObject({ edge: edge.id, isRetired: true, days: [{ inCloud: 10 }] })
    expect((await owner.get(ledgerOf('north', '?from=2026-01-01&to=2026-01-31'))).body).toMatchObject({
      edges: [],
    })
  })

  it('shows a sensor that fell silent, to the end of each day that is over', async () => {
    cloud.clock.advance(3 * DAY)
    const dayOf = (day: number) => new Date(DAY0 + day * DAY).toISOString().slice(0, 10)
    await edge.post(routes.edgeBatches, readingsBatch(1, minutes(10)))
    await edge.post(routes.edgeLedger, statement([stream()]))
    const other = stream({ device: 'air-2', measured: 1, acknowledged: 1 })
    await edge.post(routes.edgeLedger, statement([other], { day: dayOf(1) }))
    const silentMs = DAY - 69 * MINUTE
    expect(await ledger(`?from=${dayOf(0)}&to=${dayOf(1)}`)).toMatchObject({
      days: [
        { measured: 10, gaps: 1, longestGapMs: silentMs },
        { measured: 1, gaps: 1, longestGapMs: silentMs + DAY },
      ],
      streams: [
        { device: 'air-1', measured: 10, gaps: 2, longestGapMs: silentMs + DAY },
        { device: 'air-2', gaps: 0 },
      ],
    })
  })

  it('expects no word every minute of a model', async () => {
    cloud.clock.advance(2 * DAY)
    const model = { source: 'model', by: 'gbm' } as const
    const hours = [1, 2, 3].map((hour) => temperature(DAY0 + hour * 60 * MINUTE, 20))
    const readings = hours.map((one) => ({ ...one, series: { ...one.series, ...model } }))
    await edge.post(routes.edgeBatches, readingsBatch(1, readings))
    await edge.post(routes.edgeLedger, statement([stream({ ...model, measured: 3, acknowledged: 3 })]))
    expect(await ledger()).toMatchObject({ days: [{ inCloud: 3, gaps: 0, longestGapMs: 0 }] })
  })

  it.each([
    ['no JSON', Buffer.from('no')],
    ['another shape', { day: '2026-06-01' }],
    ['a day that is none', statement([], { day: 'today' })],
    ['a day that no calendar has', statement([], { day: '2026-13-45' })],
    ['a count below 0', statement([stream({ measured: -1 })])],
  ])('refuses %s', async (_, body) => {
    const answer = await edge.post(routes.edgeLedger, body)
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([400, 'not-valid'])
  })
})
