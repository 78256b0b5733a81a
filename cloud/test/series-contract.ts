import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runsOf } from '#domain/columns/runs.ts'
import type { Reading, Series } from '#domain/reading.ts'
import { seriesKey } from '#domain/reading.ts'
import { DAY, HOUR, MINUTE } from '#domain/time.ts'
import type { Stores } from '../embedded/open-embedded.ts'
import type { Line } from '../embedded/readings.ts'
import type { Edge } from '../registry/port.ts'
import { START } from './open-test-cloud.ts'

export type OpenStores = { stores: Stores; close(): Promise<void> }

const FROM = START - DAY
const EPOCH = 'c'.repeat(16)
/** Names that a query or a line would fall over if they were put into it as they are. */
const oddNames = [
  "Li'); DROP DATABASE flockwise; --",
  'a"b',
  'back\\slash\\',
  'x\nair.temperature,farm=south,house=h1,device=air-1,source=sensor value=99 1780000000000',
  'comma, equals=, space ',
  '50 %0a %25',
  '李伟 🐓',
  '$farm',
  '-',
]

/** What every series store does, whichever engine stands behind it. `open` gives an empty one. */
export function seriesContract(name: string, open: () => Promise<OpenStores>): void {
  describe(`${name} as a series store`, () => {
    let opened: OpenStores
    let stores: Stores
    let farm = ''
    let north: Edge
    let count = 0
    let next = 1
    beforeAll(async () => {
      opened = await open()
      stores = opened.stores
    })
    afterAll(() => opened.close())
    // Each test has a farm of its own, so that one store serves all of them.
    beforeEach(async () => {
      farm = `farm-${++count}`
      next = 1
      north = await newEdge(stores, farm)
    })

    const reading = (t: number, value: number, series: Partial<Series> = {}): Reading => ({
      series: {
        ...{ house: 'h1', device: 'air-1', metric: 'air.temperature', source: 'sensor', by: '' },
        ...series,
      },
      t,
      value,
      quality: 'good',
    })
    const write = async (readings: Reading[], from = next, movedByMs = 0) => {
      const span = { epoch: EPOCH, from, to: from + readings.length - 1, movedByMs }
      const taken = await stores.batches.takeReadings(north, span, runsOf(readings))
      if (taken.kind === 'taken') next = taken.watermark + 1
      return taken
    }
    const chart = async (
      range: { from: number; to: number; points: number },
      metric: Series['metric'] = 'air.temperature',
    ) => byKey(await stores.series.chart(farm, 'h1', { metric, ...range }))
    const hour = { from: FROM, to: FROM + HOUR, points: 60 }

    it('gives back what was written', async () => {
      const readings = Array.from({ length: 60 }, (_, i) => reading(FROM + i * MINUTE, 20 + (i % 7) / 10))
      expect(await write(readings)).toEqual({ kind: 'taken', watermark: 60, stored: 60 })
      const values = readings.map(({ value }) => value)
      expect(await chart(hour)).toEqual([
        {
          series: readings[0]?.series,
          bucketMs: MINUTE,
          t: readings.map(({ t }) => t),
          ...{ mean: values, min: values, max: values },
        },
      ])
    })

    it('tells when a series was measured, and when it was last before', async () => {
      const others: Partial<Series>[] = [{ device: 'air-2' }, { house: 'h2' }, { source: 'model', by: 'a@1' }]
      await write([
        ...[0, 3, 1, 2].map((minute) => reading(FROM + minute * MINUTE, 20)),
        ...others.map((other) => reading(FROM + MINUTE, 20, other)),
      ])
      const { series } = reading(FROM, 0)
      const within = (from: number, to: number, of = series) => stores.series.times(farm, of, { from, to })
      expect(await within(FROM + MINUTE, FROM + 3 * MINUTE)).toEqual({
        times: [FROM + MINUTE, FROM + 2 * MINUTE],
        before: FROM,
      })
      expect(await within(FROM - HOUR, FROM + 1)).toEqual({ times: [FROM] })
      for (const other of others) {
        expect(await within(FROM, FROM + HOUR, { ...series, ...other })).toEqual({ times: [FROM + MINUTE] })
      }
      expect(await within(FROM, FROM + HOUR, { ...series, device: 'air-9' })).toEqual({ times: [] })
    })

    it('holds a batch that comes again, or overlaps, once', async () => {
      const readings = Array.from({ length: 10 }, (_, i) => reading(FROM + i * MINUTE, 20 + i))
      await write(readings.slice(0, 6))
      expect(await write(readings.slice(0, 6), 1)).toEqual({ kind: 'repeated', watermark: 6 })
      expect(await write(readings.slice(3), 4)).toMatchObject({ kind: 'taken', watermark: 10 })
      // The same under new numbers: an edge that lost its memory.
      const again = { epoch: 'd'.repeat(16), from: 1, to: 10, movedByMs: 0 }
      await stores.batches.takeReadings(north, again, runsOf(readings))
      expect(await stores.batches.watermark(north, 'readings', EPOCH)).toBe(10)
      expect(await stores.batches.watermark(north, 'alarms', EPOCH)).toBe(0)
      const [line] = await chart({ ...hour, points: 1 })
      expect(line).toMatchObject({ t: [FROM], mean: [24.5], min: [20], max: [29] })
    })

    it('stores nothing of a batch behind a gap', async () => {
      await write([reading(FROM, 20)])
      expect(await write([reading(FROM + MINUTE, 21)], 3)).toEqual({ kind: 'gap', expected: 2 })
      expect((await chart(hour))[0]?.t).toEqual([FROM])
      expect(await stores.series.latest(farm, 'h1')).toEqual([reading(FROM, 20)])
    })

    it('withdraws what was sent with a wrong time, and nothing else', async () => {
      // An hour wrong, a reading a minute: the wrong time of one is the true time of another.
      const wrong = Array.from({ length: 120 }, (_, i) => reading(FROM + i * MINUTE, i % 50))
      const right = wrong.map((one) => ({ ...one, t: one.t + HOUR }))
      const bystander = reading(FROM + 30 * MINUTE + 1, 40)
      const elsewhere = reading(FROM + 30 * MINUTE, 41, { by: 'x', source: 'person' })
      await write([...wrong, bystander, elsewhere])
      // The newest first, as their true times may be taken by none of those that are still wrong.
      const halves = [right.slice(60), right.slice(0, 60)]
      for (const half of halves) expect(await write(half, next, HOUR)).toMatchObject({ kind: 'taken' })
      // All of it again, as after a change of epochs.
      let from = 1
      for (const [readings, movedByMs] of [
        [wrong, 0],
        [halves[0] ?? [], HOUR],
        [halves[1] ?? [], HOUR],
      ] as const) {
        const span = { epoch: 'e'.repeat(16), from, to: from + readings.length - 1, movedByMs }
        await stores.batches.takeReadings(north, span, runsOf(readings))
        from += readings.length
      }
      const range = { from: FROM, to: FROM + 3 * HOUR, points: (3 * HOUR) / 1000 }
      const lines = await chart(range)
      const found = lines.map(({ t, mean }) => t.map((at, index) => [at, mean[index]]))
      expect(found).toEqual([
        [[FROM + 30 * MINUTE, 41]],
        [[FROM + 30 * MINUTE, 40], ...right.map(({ t, value }) => [t, value])],
      ])
    }, 60_000)

    it('takes batches that come at once in their order', async () => {
      const batch = (from: number) => [
        reading(FROM + from * MINUTE, from),
        reading(FROM + (from + 1) * MINUTE, from + 1),
      ]
      const taken = await Promise.all([1, 3, 5].map((from) => write(batch(from), from)))
      expect(taken.map((one) => one.kind === 'taken' && one.watermark)).toEqual([2, 4, 6])
      expect((await chart(hour))[0]?.mean).toEqual([1, 2, 3, 4, 5, 6])
    })

    it('puts late readings where they belong, and they do not pass for the newest', async () => {
      await write([reading(FROM + 50 * MINUTE, 30)])
      await write([reading(FROM + 10 * MINUTE, 10), reading(FROM + 20 * MINUTE, 20)])
      const at = [10, 20, 50].map((minute) => FROM + minute * MINUTE)
      expect(await chart(hour)).toMatchObject([{ t: at, mean: [10, 20, 30] }])
      expect(await stores.series.latest(farm, 'h1')).toEqual([reading(FROM + 50 * MINUTE, 30)])
    })

    it('cuts a range into buckets, its end not included, and leaves empty ones out', async () => {
      const times = [-1, 0, 500, 3000, 3999, 4000].map((ms) => FROM + ms)
      await write(times.map((t, i) => reading(t, (i + 1) * 10)))
      expect(await chart({ from: FROM, to: FROM + 4000, points: 4 })).toMatchObject([
        { bucketMs: 1000, t: [FROM, FROM + 3000], mean: [25, 45], min: [20, 40], max: [30, 50] },
      ])
    })

    it('makes the same buckets of any range as plain counting does', async () => {
      const times = Array.from({ length: 300 }, (_, i) => FROM + i * 977 + (i % 13))
      await write(times.map((t, i) => reading(t, (i * 37) % 50)))
      const range = fc.record({
        from: fc.integer({ min: FROM - 5000, max: FROM + 300_000 }),
        length: fc.integer({ min: 1, max: 400_000 }),
        points: fc.integer({ min: 1, max: 900 }),
      })
      await fc.assert(
        fc.asyncProperty(range, async ({ from, length, points }) => {
          const to = from + length
          const bucketMs = Math.max(1, length / points)
          const buckets = new Map<number, number[]>()
          for (const [i, t] of times.entries()) {
            if (t < from || t >= to) continue
            const bucket = Math.floor((t - from) / bucketMs)
            buckets.set(bucket, [...(buckets.get(bucket) ?? []), (i * 37) % 50])
          }
          const [line] = await chart({ from, to, points })
          expect(line?.t ?? []).toEqual(
            [...buckets.keys()].map((bucket) => Math.round(from + bucket * bucketMs)),
          )
          expect(line?.min ?? []).toEqual([...buckets.values()].map((values) => Math.min(...values)))
          expect(line?.max ?? []).toEqual([...buckets.values()].map((values) => Math.max(...values)))
          for (const [i, values] of [...buckets.values()].entries()) {
            expect(line?.mean[i]).toBeCloseTo(
              values.reduce((sum, value) => sum + value, 0) / values.length,
              9,
            )
          }
        }),
        { numRuns: 40 },
      )
    }, 30_000)

    it.each([
      ['all there is', 0, 8.64e15, 500],
      ['a century', 0, 3.2e12, 1],
      ['the last day of time', 8.64e15 - DAY, 8.64e15, 10],
      ['one millisecond', FROM, FROM + 1, 2000],
    ])('answers for %s', async (_, from, to, points) => {
      await write([reading(FROM, 20)])
      const lines = await chart({ from, to, points })
      expect(lines.map(({ mean }) => mean)).toEqual(from <= FROM && FROM < to ? [[20]] : [])
    })

    it('knows the newest of each series of a house, with its quality and what stands behind it', async () => {
      const detail = { n: 120, low: 2050.5, high: 2150, evidence: 'a "quoted" \\ line\nand 鸡, = ' }
      const weight: Reading = {
        series: {
          house: 'h1',
          device: 'scale-1',
          metric: 'bird.weight.mean',
          source: 'model',
          by: 'weigh-steps@1',
        },
        ...{ t: FROM, value: 2100, quality: 'estimated', detail },
      }
      const hot = reading(FROM + MINUTE, 30)
      await write([weight, reading(FROM, 20), hot, reading(FROM, 25, { house: 'h2' })])
      const latest = await stores.series.latest(farm, 'h1')
      expect(latest.sort((a, b) => a.series.metric.localeCompare(b.series.metric))).toEqual([hot, weight])
      expect(await stores.series.latest(farm, 'h9')).toEqual([])
    })

    it('keeps farms and houses apart', async () => {
      await write([reading(FROM, 20), reading(FROM, 30, { house: 'h2' })])
      const south = await newEdge(stores, `${farm}-south`)
      const span = { epoch: EPOCH, from: 1, to: 1, movedByMs: 0 }
      await stores.batches.takeReadings(south, span, runsOf([reading(FROM, 40)]))
      expect((await chart(hour)).map(({ mean }) => mean)).toEqual([[20]])
      expect((await stores.series.latest(farm, 'h1')).map(({ value }) => value)).toEqual([20])
      const theirs = await stores.series.chart(`${farm}-south`, 'h1', { metric: 'air.temperature', ...hour })
      expect(theirs.map(({ mean }) => mean)).toEqual([[40]])
      for (const name of [`${farm}' OR "farm" =~ /.*/ --`, '', '.*']) {
        expect(await stores.series.chart(name, 'h1', { metric: 'air.temperature', ...hour })).toEqual([])
        expect(await stores.series.chart(farm, name, { metric: 'air.temperature', ...hour })).toEqual([])
      }
    })

    it('keeps odd names as they are, each a series of its own', async () => {
      const readings = oddNames.map((by, i) => reading(FROM, i, { source: 'person', by }))
      await write(readings)
      const lines = await chart(hour)
      expect(lines.map(({ series, mean }) => [series.by, mean])).toEqual(
        byKey(readings).map(({ series, value }) => [series.by, [value]]),
      )
      expect(byKey(await stores.series.latest(farm, 'h1'))).toEqual(byKey(readings))
      expect(await stores.series.chart('south', 'h1', { metric: 'air.temperature', ...hour })).toEqual([])
    })

    it('says that it is well', async () => {
      await expect(stores.series.check()).resolves.toBeUndefined()
    })
  })
}

function byKey<T extends { series: Series } | Line>(items: T[]): T[] {
  return items.toSorted((a, b) => (seriesKey(a.series) < seriesKey(b.series) ? -1 : 1))
}

async function newEdge({ registry }: Stores, farm: string): Promise<Edge> {
  const person = await registry.people.add(
    { login: farm, name: farm, passwordHash: '' },
    { first: false, now: START },
  )
  if (!person) throw new Error(`there is a ${farm} already`)
  await registry.farms.add({ id: farm, name: farm, timeZone: 'Asia/Shanghai' }, person.id, START)
  const hash = `code-${farm}`
  await registry.edges.addCode({ hash, farm, person: person.id, expiresAt: START + HOUR, now: START })
  const enrolled = await registry.edges.enrol({
    codeHash: hash,
    publicKey: farm,
    id: `edge-${farm}`,
    now: START,
  })
  if (!enrolled) throw new Error('the code does not hold')
  return enrolled.edge
}
