import { expect, it } from 'vitest'
import type { MetricId } from '#domain/metrics.ts'
import type { Source } from '#domain/reading.ts'
import { HOUR, MINUTE } from '#domain/time.ts'
import { createSeriesTable } from '../series-table.ts'
import { createFeed, type FeedDeps } from './feed.ts'

const T0 = Date.UTC(2026, 5, 1)

function bench(stores: FeedDeps['stores']) {
  const table = createSeriesTable()
  const notes = new Map<string, string>()
  const open = () =>
    createFeed({
      stores,
      table,
      note: (key) => notes.get(key),
      setNote: (key, value) => void notes.set(key, value),
    })
  let feed = open()
  let now = T0
  const said = new Map<MetricId, number[]>()
  return {
    said,
    notes,
    say(device: string, metric: MetricId, value: number, source: Source = 'sensor') {
      const series =
        table.named('h1', device, metric, source, source === 'sensor' ? '' : 'li') ?? expect.unreachable()
      feed.take({ series, t: now, value, quality: 'good' })
    },
    pass(ms: number) {
      now += ms
      for (const { series, value } of feed.tick(now))
        said.set(series.metric, [...(said.get(series.metric) ?? []), value])
    },
    restart() {
      feed.close()
      feed = open()
    },
    /** The clock was behind by so much all the while. */
    correct(byMs: number) {
      feed.step({ byMs, wrong: { fromT: T0, toT: now } })
      now += byMs
    },
    last: (metric: MetricId) => said.get(metric)?.at(-1),
  }
}

it('says of a silo what was eaten and filled in, and when it ends, over a restart too', () => {
  const house = bench([{ kind: 'silo', house: 'h1', device: 'silo-1' }])
  for (let minute = 0; minute <= 12 * 60; minute++) {
    if (minute === 300) house.restart()
    house.say('silo-1', 'feed.stock', 6000 - minute + (minute >= 600 ? 4000 : 0))
    house.say('other', 'feed.stock', 1)
    house.pass(MINUTE)
  }
  expect(Math.abs((house.last('feed.mass') ?? 0) - 720)).toBeLessThan(15)
  expect(house.said.get('feed.added')).toHaveLength(1)
  expect(Math.abs((house.last('feed.added') ?? 0) - 4000)).toBeLessThan(20)
  expect(Math.abs((house.last('feed.hours-left') ?? 0) - 9280 / 60)).toBeLessThan(5)
  expect(house.said.has('feed.stock')).toBe(false)
})

it('reckons an auger’s bin from what people filled in and how long it ran', () => {
  const house = bench([{ kind: 'auger', house: 'h1', device: 'relay-1', kgPerMinute: 10 }])
  house.say('relay-1', 'feed.auger', 0)
  house.say('relay-1', 'feed.added', 1000, 'person')
  house.pass(MINUTE)
  for (let hour = 0; hour < 12; hour++) {
    for (const isOn of [1, 1, 0]) {
      house.say('relay-1', 'feed.auger', isOn)
      house.pass(isOn ? MINUTE : HOUR - 2 * MINUTE)
    }
  }
  expect(house.last('feed.mass')).toBe(240)
  expect(house.last('feed.stock')).toBe(760)
  expect(Math.abs((house.last('feed.hours-left') ?? 0) - 38)).toBeLessThan(4)
})

it.each([30 * HOUR, -30 * HOUR])('goes on when the clock is corrected by %d ms', (byMs) => {
  const house = bench([
    { kind: 'silo', house: 'h1', device: 'silo-1' },
    { kind: 'auger', house: 'h1', device: 'relay-1', kgPerMinute: 10 },
  ])
  for (let minute = 0; minute <= 12 * 60; minute++) {
    house.say('silo-1', 'feed.stock', 6000 - minute)
    house.pass(MINUTE)
    if (minute === 600) house.correct(byMs)
  }
  expect(Math.abs((house.last('feed.mass') ?? 0) - 720)).toBeLessThan(15)
  expect(Math.abs((house.last('feed.hours-left') ?? 0) - 5280 / 60)).toBeLessThan(3)
  house.say('relay-1', 'feed.auger', 1)
  house.correct(byMs)
  house.pass(MINUTE)
  house.say('relay-1', 'feed.auger', 0)
  house.pass(5 * MINUTE)
  expect(house.last('feed.mass')).toBe(10)
})

it('begins anew with a note that is none', () => {
  const house = bench([{ kind: 'silo', house: 'h1', device: 'silo-1' }])
  house.notes.set('feed.h1.silo-1', '{"history":7}')
  house.restart()
  house.say('silo-1', 'feed.stock', 5000)
  house.pass(10 * MINUTE)
  expect(house.last('feed.mass')).toBe(0)
})
