import { describe, expect, it } from 'vitest'
import { type CountedDay, gapsOf, instantsOf, shareOut, standing, sumByDay, sumByStream } from './ledger.ts'
import { MINUTE } from './time.ts'

describe('gaps', () => {
  it('are what is longer than three minutes, the one that reaches in from the day before too', () => {
    const minutes = [1, 2, 5, 9, 10].map((minute) => minute * MINUTE)
    expect(gapsOf(minutes, {})).toEqual({ gaps: 1, longestGapMs: 4 * MINUTE })
    expect(gapsOf(minutes, { before: -10 * MINUTE })).toEqual({ gaps: 2, longestGapMs: 11 * MINUTE })
    expect(gapsOf([], { before: 5 })).toEqual({ gaps: 0, longestGapMs: 0 })
  })

  it('last to the end of a day that is over', () => {
    expect(gapsOf([MINUTE], { end: 60 * MINUTE })).toEqual({ gaps: 1, longestGapMs: 59 * MINUTE })
    expect(gapsOf([], { before: 0, end: 60 * MINUTE })).toEqual({ gaps: 1, longestGapMs: 60 * MINUTE })
    expect(gapsOf([], { end: 60 * MINUTE })).toEqual({ gaps: 0, longestGapMs: 0 })
  })
})

describe('a ledger', () => {
  const row = (more: Partial<CountedDay>): CountedDay => ({
    ...{ day: '2026-06-01', house: 'h1', device: 'air-1', metric: 'air.co2', source: 'sensor', by: '' },
    ...{ measured: 100, duplicate: 3, thinned: 0, replaced: 0, aside: 0, acknowledged: 100 },
    ...{ inCloud: 100, gaps: 1, longestGapMs: 240_000 },
    ...{ toldAt: instantsOf('2026-06-03').to, countedAt: 1 },
    ...more,
  })

  it('adds up days and streams, and finds what is missing in each by itself', () => {
    // One reading too many elsewhere does not hide the two that are missing.
    const rows = [row({ inCloud: 98 }), row({ metric: 'air.nh3', inCloud: 101, longestGapMs: 1 })]
    expect(sumByDay(rows).get('2026-06-01')).toMatchObject({
      ...{ measured: 200, duplicate: 6, acknowledged: 200, inCloud: 199, missing: 2, surplus: 1 },
      ...{ gaps: 2, longestGapMs: 240_000 },
    })
    expect(sumByStream([...rows, row({ day: '2026-06-02' })])).toMatchObject([
      { metric: 'air.co2', measured: 200, missing: 2, inCloud: 198 },
      { metric: 'air.nh3', measured: 100, missing: 0 },
    ])
  })

  it('calls nothing too much while the day runs', () => {
    const { from } = instantsOf('2026-06-01')
    expect(sumByDay([row({ inCloud: 150, toldAt: from + 1 })]).get('2026-06-01')).toMatchObject({
      surplus: 0,
    })
  })

  it('shares the count of a stream out among the boxes that sent it', () => {
    const boxes = (first: Partial<CountedDay>, second: Partial<CountedDay>) => [
      { edge: 'a', streams: [row(first), row({ metric: 'air.nh3' })] },
      { edge: 'b', streams: [row(second)] },
    ]
    const shares = (...rows: [Partial<CountedDay>, Partial<CountedDay>]) =>
      shareOut(boxes(...rows)).map(({ streams }) => streams.map(({ inCloud }) => inCloud))
    // Of 140 that both sent 130 are there, by the newer of the two counts.
    const told = { acknowledged: 40 }
    expect(shares({ inCloud: 100, countedAt: 1 }, { ...told, inCloud: 130, countedAt: 2 })).toEqual([
      [100, 100],
      [30],
    ])
    expect(shares({ inCloud: 90 }, { ...told, inCloud: 90 })).toEqual([[90, 100], [0]])
    expect(shares({ inCloud: 150 }, { ...told, inCloud: 150 })).toEqual([[100, 100], [50]])
    expect(shares({ inCloud: null }, { ...told, inCloud: 130 })).toEqual([[null, 100], [null]])
  })

  it('says nothing of what nobody has counted yet', () => {
    const rows = [row({ inCloud: null }), row({ metric: 'air.nh3', inCloud: 99 })]
    expect(sumByDay(rows).get('2026-06-01')).toMatchObject({ inCloud: null, missing: 1 })
  })

  it('expects in the cloud what stands after thinning and setting aside', () => {
    expect(standing(row({ thinned: 60, replaced: 2, aside: 2 }))).toBe(40)
  })

  it('has days of UTC', () => {
    const { from, to } = instantsOf('2026-06-01')
    expect([new Date(from).toISOString(), to - from]).toEqual(['2026-06-01T00:00:00.000Z', 86_400_000])
  })
})
