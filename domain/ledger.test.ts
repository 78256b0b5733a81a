import { describe, expect, it } from 'vitest'
import { type CountedDay, gapsOf, instantsOf, standing, sumByDay, sumByStream } from './ledger.ts'
import { MINUTE } from './time.ts'

describe('gaps', () => {
  it('are what is longer than three minutes, the one that reaches in from the day before too', () => {
    const minutes = [1, 2, 5, 9, 10].map((minute) => minute * MINUTE)
    expect(gapsOf(minutes, undefined)).toEqual({ gaps: 1, longestGapMs: 4 * MINUTE })
    expect(gapsOf(minutes, -10 * MINUTE)).toEqual({ gaps: 2, longestGapMs: 11 * MINUTE })
    expect(gapsOf([], 5)).toEqual({ gaps: 0, longestGapMs: 0 })
  })
})

describe('a ledger', () => {
  const row = (more: Partial<CountedDay>): CountedDay => ({
    ...{ day: '2026-06-01', house: 'h1', device: 'air-1', metric: 'air.co2', source: 'sensor', by: '' },
    ...{ measured: 100, duplicate: 3, thinned: 0, replaced: 0, aside: 0, acknowledged: 100 },
    ...{ inCloud: 100, gaps: 1, longestGapMs: 240_000 },
    ...more,
  })

  it('adds up days and streams, and finds what is missing in each by itself', () => {
    // One reading too many elsewhere does not hide the two that are missing.
    const rows = [row({ inCloud: 98 }), row({ metric: 'air.nh3', inCloud: 101, longestGapMs: 1 })]
    expect(sumByDay(rows).get('2026-06-01')).toMatchObject({
      ...{ measured: 200, duplicate: 6, acknowledged: 200, inCloud: 199, missing: 2 },
      ...{ gaps: 2, longestGapMs: 240_000 },
    })
    expect(sumByStream([...rows, row({ day: '2026-06-02' })])).toMatchObject([
      { metric: 'air.co2', measured: 200, missing: 2, inCloud: 198 },
      { metric: 'air.nh3', measured: 100, missing: 0 },
    ])
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
