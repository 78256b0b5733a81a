import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MetricId, metricIds } from '../metrics.ts'
import { qualities, type Reading, type Series, seriesKey } from '../reading.ts'
import { ColumnsMistake, createByteWriter } from './bytes.ts'
import { decodeColumns } from './decode-columns.ts'
import { createDictionary, type Dictionary } from './dictionary.ts'
import { encodeColumns } from './encode-columns.ts'
import { decodeWithDictionary, encodeWithDictionary } from './own-dictionary.ts'
import { parseDictionary } from './parse-dictionary.ts'
import { readingsOf, runsOf, type SeriesRun, unitsOf } from './runs.ts'

const T0 = Date.UTC(2026, 5, 1)
const MAX = 10_000

const series = fc.record({
  house: fc.constantFrom('h1', 'h2'),
  device: fc.constantFrom('air-1', 'scale-1', 'x'),
  metric: fc.constantFrom<MetricId>('air.temperature', 'air.co2', 'power.energy', ...metricIds.slice(0, 5)),
  source: fc.constantFrom('sensor' as const, 'model' as const, 'person' as const),
  by: fc.constantFrom('', 'm@1', '李伟 🐓'),
})
const units = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.integer({ min: -40, max: 40 }).map((n) => n * 500),
  fc.integer({ min: -(2 ** 50), max: 2 ** 50 }),
)
const detail = fc.record(
  {
    n: fc.nat(1e6),
    low: fc.integer({ min: -1e6, max: 1e6 }),
    high: fc.integer({ min: -1e6, max: 1e6 }),
    evidence: fc.string({ unit: 'grapheme', maxLength: 20 }),
  },
  { requiredKeys: [] },
)
const mark = fc.option(fc.record({ quality: fc.constantFrom(...qualities), detail: fc.option(detail) }), {
  freq: 4,
})
const times = fc.oneof(
  fc.integer({ min: 0, max: 60 }).map((minute) => T0 + minute * 60_000),
  fc.integer({ min: 0, max: 2 ** 43 }),
)
const readings = fc.array(
  fc.record({ series, t: times, units, mark }).map(({ series, t, units, mark }): Reading => {
    const per = unitsOf(series.metric)
    const { low, high, ...rest } = mark?.detail ?? {}
    const said = {
      ...rest,
      ...(low !== undefined && { low: low / per }),
      ...(high !== undefined && { high: high / per }),
    }
    return {
      series,
      t,
      value: units / per,
      quality: mark?.quality ?? 'good',
      ...(Object.keys(said).length > 0 && { detail: said }),
    }
  }),
  { maxLength: 60 },
)

/** In one order, whatever order they were packed in. */
const sorted = (runs: readonly SeriesRun[]) =>
  runs
    .flatMap(readingsOf)
    .sort((a, b) =>
      seriesKey(a.series) < seriesKey(b.series)
        ? -1
        : seriesKey(a.series) > seriesKey(b.series)
          ? 1
          : a.t - b.t,
    )

/** Anything but runs is a ColumnsMistake. */
const survives = (decode: () => SeriesRun[]): boolean => {
  try {
    const runs = decode()
    return runs.every(({ t, v }) => t.length === v.length && t.length > 0)
  } catch (error) {
    if (error instanceof ColumnsMistake) return false
    throw error
  }
}

const air = (metric: MetricId): Series => ({ house: 'h1', device: 'air-1', metric, source: 'sensor', by: '' })
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('columns', () => {
  it('come back as they went in, by a dictionary or with their own', () => {
    fc.assert(
      fc.property(readings, readings, (before, given) => {
        const dictionary = createDictionary()
        encodeColumns(runsOf(before), dictionary)
        const runs = runsOf(given)
        const bytes = encodeColumns(runs, dictionary)
        expect(sorted(decodeColumns(bytes, dictionary.devices, MAX))).toEqual(sorted(runs))
        expect(sorted(decodeWithDictionary(encodeWithDictionary(runs), MAX))).toEqual(sorted(runs))
      }),
    )
  })

  it('give the run of one series alone', () => {
    fc.assert(
      fc.property(readings, series, (given, wanted) => {
        const dictionary = createDictionary()
        const runs = runsOf(given)
        const bytes = encodeColumns(runs, dictionary)
        const found = decodeColumns(bytes, dictionary.devices, MAX, wanted)
        expect(sorted(found)).toEqual(
          sorted(runs.filter((run) => seriesKey(run.series) === seriesKey(wanted))),
        )
      }),
    )
  })

  it('can be read by a dictionary that has grown since', () => {
    fc.assert(
      fc.property(readings, readings, (given, later) => {
        const dictionary = createDictionary()
        const bytes = encodeColumns(runsOf(given), dictionary)
        const grown = createDictionary(dictionary.devices)
        encodeColumns(runsOf(later), grown)
        expect(sorted(decodeColumns(bytes, grown.devices, MAX))).toEqual(sorted(runsOf(given)))
      }),
    )
  })

  it('of each reading of one time twice keep the first', () => {
    const twice = [20, 21].map((value) => ({
      series: air('air.temperature'),
      t: T0,
      value,
      quality: 'good' as const,
    }))
    expect(runsOf(twice)).toEqual([{ series: air('air.temperature'), t: [T0], v: [200] }])
  })

  it('that are cut anywhere are a mistake', () => {
    fc.assert(
      fc.property(readings, (given) => {
        const dictionary = createDictionary()
        const bytes = encodeColumns(runsOf(given), dictionary)
        for (let cut = 0; cut < bytes.length; cut++) {
          const head = bytes.subarray(0, cut)
          expect(() => decodeColumns(head, dictionary.devices, MAX)).toThrow(ColumnsMistake)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('of random bytes, or with a byte changed, are a mistake or columns, and nothing else', () => {
    const dictionary = createDictionary()
    for (const metric of metricIds) dictionary.place(air(metric), 200)
    let read = 0
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        if (survives(() => decodeColumns(bytes, dictionary.devices, MAX))) read++
        survives(() => decodeWithDictionary(bytes, MAX))
      }),
      { numRuns: 3000 },
    )
    fc.assert(
      fc.property(readings, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, place, change) => {
        const own = encodeWithDictionary(runsOf(given))
        const at = place % own.length
        own[at] = (own[at] ?? 0) ^ change
        if (survives(() => decodeWithDictionary(own, MAX))) read++
      }),
      { numRuns: 3000 },
    )
    expect(read).toBeGreaterThan(50)
  })

  it('that claim more than may be are refused before there is room for them', () => {
    const dictionary = createDictionary()
    dictionary.place(air('air.temperature'), 0)
    const claims: [number[], RegExp][] = [
      // 2^35 readings; a block of 2^35 times; a device that is not there; readings without a block.
      [[0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 1], /at most 10000/],
      [[0, 10, 1, 0, 4, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0], /too many/],
      [[0, 1, 1, 2, 5, 0, 0, 0], /device 1 is not in the dictionary of 1/],
      [[0, 1, 0], /0 readings, it says 1/],
      [[0, 0, 0, 0], /1 bytes too many/],
      [[0, 1, 1, 0, 5, 0, 8, 0], /has no metric 1/],
      [[0, 2, 1, 0, 4, 2, 0, 0, 1, 0, 0, 0], /do not rise/],
      [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], /more than 53 bits/],
      [[0, 2, 1, 0, 4, 2, 0, 1, 0, 1, 0, 0], /a column without values/],
      [[0, 2, 1, 0, 4, 2, 0, 1, 0, 1, 4, 0], /a value beyond its 2 times/],
    ]
    for (const [bytes, mistake] of claims)
      expect(() => decodeColumns(Uint8Array.from(bytes), dictionary.devices, MAX)).toThrow(mistake)
  })

  it('with one value behind very many times, again and again, take no longer than they are long', () => {
    const dictionary = createDictionary()
    dictionary.place(air('air.temperature'), 0)
    const columns = 1280
    const times = 48_000
    const presence = new Uint8Array(times / 8)
    presence[presence.length - 1] = 0x80
    const writer = createByteWriter()
    for (const number of [0, times, 1, 0, 4 * columns, times, 0, 1]) writer.number(number)
    for (let step = 1; step < times; step++) writer.signed(0)
    for (let column = 0; column < columns; column++) {
      writer.number(1)
      writer.bytes(presence)
      writer.signed(column)
    }
    const bytes = writer.take()
    const start = performance.now()
    expect(() => decodeColumns(bytes, dictionary.devices, times)).toThrow(/1280 readings, it says 48000/)
    // 8 MB in some 15 ms; it was 2 s when each column looked at every time.
    expect(performance.now() - start).toBeLessThan(500)
  })

  const minute: SeriesRun[] = [
    { series: air('air.temperature'), t: [60_000], v: [234] },
    { series: air('air.humidity'), t: [60_000], v: [610] },
  ]
  const known: Dictionary = [
    {
      house: 'h1',
      device: 'air-1',
      source: 'sensor',
      by: '',
      metrics: [
        { metric: 'air.temperature', ref: 230 },
        { metric: 'air.humidity', ref: 612 },
      ],
    },
  ]
  const golden: [string, SeriesRun[], string][] = [
    ['nothing', [], '000000'],
    // base 60000, 2 readings, 1 block; device 0; 2 columns, whole, single; first 0; +4; −2
    ['a minute of a device', minute, 'e0d403 02 01 00 0b 00 08 03'],
    // one column, not whole: head 8 × 1, then 610 − 612
    ['one metric of two', minute.slice(1), 'e0d403 01 01 00 05 00 08 03'],
    [
      'three minutes, a step of 10, a gap and a mark',
      [
        { series: air('air.temperature'), t: [0, 60_000, 120_001], v: [230, 240, 230] },
        {
          series: air('air.humidity'),
          t: [0, 120_001],
          v: [612, 613],
          marks: new Map([[1, { quality: 'suspect', detail: { n: 3, low: 61.2 } }]]),
        },
      ],
      // base 0, 5 readings, 1 block; device 0; 2 columns; 3 times from 0, period 60001, steps −1 and 0;
      // place 0 scaled by 10: 0, +1, −1; place 1 marked and sparse: bits 101; 0, +1; one mark at 1: suspect with n and low
      '00 05 01 00 08 03 00 e1d403 01 00  04 0a 00 02 01  0b 05 00 02 01 01 0d 03 01',
    ],
  ]
  it.each(golden)('of %s are these bytes', (_, runs, bytes) => {
    const dictionary = createDictionary(known)
    expect(hex(encodeColumns(runs, dictionary))).toBe(bytes.replaceAll(' ', ''))
    expect(dictionary.devices).toEqual(known)
    expect(sorted(decodeColumns(Buffer.from(bytes.replaceAll(' ', ''), 'hex'), known, MAX))).toEqual(
      sorted(runs),
    )
  })
})

describe('a dictionary', () => {
  it('is read from its JSON, and from nothing else', () => {
    const dictionary = createDictionary()
    dictionary.place(air('air.temperature'), 200)
    const json = Buffer.from(JSON.stringify(dictionary.devices))
    expect(parseDictionary(json)).toEqual(dictionary.devices)
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          const parsed = parseDictionary(bytes)
          return parsed === undefined || Array.isArray(parsed)
        },
      ),
    )
    for (const bad of ['', '{}', '[{}]', '[[]]', json.toString().replace('200', '0.5'), '[1'])
      expect(parseDictionary(Buffer.from(bad))).toBeUndefined()
  })
})
