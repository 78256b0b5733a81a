import fc from 'fast-check'
import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { type MetricId, metricIds, roundFor } from './metrics.ts'
import { qualities, type Reading } from './reading.ts'
import { columnsMistake, packReadings, ReadingsBatch, unpackBatch } from './sync.ts'

const reading = fc.record({
  series: fc.record({
    house: fc.constantFrom('h1', 'h2'),
    device: fc.constantFrom('a', 'b'),
    metric: fc.constantFrom<MetricId>(...metricIds),
    source: fc.constantFrom('sensor' as const, 'model' as const),
    by: fc.constantFrom('', 'm@1'),
  }),
  t: fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
  value: fc.double({ min: 0, max: 1, noNaN: true }),
  quality: fc.constantFrom(...qualities),
})

const batchOf = (readings: Reading[]): ReadingsBatch => ({
  lane: 'readings',
  epoch: '0123456789abcdef',
  from: 1,
  to: Math.max(1, readings.length),
  ...packReadings(readings),
})

describe('a batch of readings', () => {
  it('comes back in the order of its numbers, as it went in, through JSON', () => {
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 50 }), (raw) => {
        const readings = raw.map((r, i) => ({
          ...r,
          value: roundFor(r.series.metric, r.value),
          ...(i % 7 === 0 && { detail: { n: i, low: 0.5 } }),
        }))
        const batch: unknown = JSON.parse(JSON.stringify(batchOf(readings)))
        expect(Value.Check(ReadingsBatch, batch)).toBe(true)
        const typed = batch as ReadingsBatch
        expect(columnsMistake(typed.series, typed.order)).toBeUndefined()
        expect(unpackBatch(typed)).toEqual(readings)
      }),
    )
  })

  const sound = () =>
    batchOf([
      {
        series: { house: 'h', device: 'd', metric: 'light', source: 'sensor', by: '' },
        t: 1_700_000_000_000,
        value: 3,
        quality: 'good',
      },
      {
        series: { house: 'h', device: 'd', metric: 'air.co2', source: 'sensor', by: '' },
        t: 1_700_000_000_000,
        value: 900,
        quality: 'good',
      },
    ])
  it.each<[string, (batch: ReadingsBatch) => void]>([
    ['an unknown metric', (batch) => Object.assign(batch.series[0] ?? {}, { metric: 'air.oxygen' })],
    ['a time too many', (batch) => batch.series[0]?.t.push(1)],
    ['a place too few', (batch) => batch.order.pop()],
    ['a series that is not there', (batch) => batch.order.splice(0, 1, 7)],
    ['a series named twice', (batch) => batch.order.splice(0, 1, 1)],
    ['a negative place', (batch) => batch.order.splice(0, 1, -1)],
  ])('with %s is named', (_, harm) => {
    const batch = sound()
    harm(batch)
    expect(columnsMistake(batch.series, batch.order)).toMatch(/series|order|metric/)
  })
})
