import { describe, expect, it } from 'vitest'
import type { AlarmView, EdgeView, HouseView, LatestValue } from '#domain/api/farm.ts'
import { byUrgency, edgeOf, farmAlarms, needOf, sortWorstFirst } from './house-order.ts'
import { pickValue, temperatureBadness } from './pick-value.ts'

const now = Date.UTC(2026, 4, 1)
const value = (given: Partial<LatestValue>): LatestValue => ({
  device: 'climate-1',
  metric: 'air.temperature',
  by: '',
  t: now - 5_000,
  value: 24,
  quality: 'good',
  ...given,
})
const alarm = (given: Partial<AlarmView>): AlarmView => ({
  id: 'a',
  house: 'h',
  device: 'climate-1',
  rule: 'air-hot',
  metric: 'air.temperature',
  severity: 'critical',
  state: 'unacknowledged',
  since: now - 60_000,
  raisedAt: now - 50_000,
  receivedAt: now - 50_000,
  clearedAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  value: 34,
  limit: 32,
  late: false,
  ...given,
})
const house = (id: string, given: Partial<HouseView> = {}): HouseView => ({
  id,
  name: id,
  timeZone: 'Asia/Shanghai',
  flock: null,
  latest: [value({})],
  alarms: [],
  ...given,
})

describe('houses, worst first', () => {
  it('danger, then silence, then a warning, then the rest in the order of their ids', () => {
    const houses = [
      house('House 10'),
      house('House 2'),
      house('warned', { alarms: [alarm({ severity: 'warning' })] }),
      house('silent', { latest: [value({ t: now - 200_000 })] }),
      house('danger', { alarms: [alarm({})] }),
    ]
    expect(sortWorstFirst(houses, now).map(({ id }) => id)).toEqual([
      'danger',
      'silent',
      'warned',
      'House 2',
      'House 10',
    ])
  })

  it('an alarm that is over does not make a house worse', () => {
    expect(needOf(house('h', { alarms: [alarm({ clearedAt: now, state: 'returned' })] }), now)).toBe('fine')
  })

  it('a silent box concerns the whole farm; what is over and known is none of it', () => {
    const alarms = [
      alarm({ id: 'silent', house: '', rule: 'edge-silent' }),
      alarm({ id: 'known', house: '', rule: 'edge-silent', state: 'normal', clearedAt: now }),
      alarm({ id: 'house' }),
    ]
    expect(farmAlarms(alarms).map(({ id }) => id)).toEqual(['silent'])
    expect(farmAlarms(undefined)).toEqual([])
  })

  it('a house without any value is unknown, never fine', () => {
    expect(needOf(house('h', { latest: [] }), now)).toBe('unknown')
  })
})

it('alarms: what holds before what is over, danger before warning, unseen before seen', () => {
  const alarms = [
    alarm({ id: 'over', clearedAt: now, state: 'returned' }),
    alarm({ id: 'warning', severity: 'warning' }),
    alarm({ id: 'seen', state: 'acknowledged', since: 1 }),
    alarm({ id: 'unseen' }),
  ]
  expect([...alarms].sort(byUrgency).map(({ id }) => id)).toEqual(['unseen', 'seen', 'warning', 'over'])
})

describe('one value for several sensors', () => {
  it('takes the fresh one farthest from the target', () => {
    const latest = [
      value({ device: 'a', value: 26 }),
      value({ device: 'b', value: 19 }),
      value({ device: 'c', value: 40, t: now - 300_000 }),
    ]
    expect(pickValue(latest, 'air.temperature', now, temperatureBadness(25))).toMatchObject({
      value: { device: 'b' },
      of: 2,
      low: 19,
      high: 26,
    })
  })

  it('takes the newest when all are stale', () => {
    const latest = [value({ device: 'a', t: now - 900_000 }), value({ device: 'b', t: now - 300_000 })]
    expect(pickValue(latest, 'air.temperature', now)?.value.device).toBe('b')
  })

  it('finds nothing where there is nothing', () => {
    expect(pickValue([], 'air.nh3', now)).toBeUndefined()
  })
})

it('the edge of a house is the one that has its devices', () => {
  const edge = (id: string, device: string): EdgeView => ({
    id,
    enrolledAt: 0,
    seenAt: now,
    backlog: 0,
    counters: {},
    devices: { [device]: { t: now, link: 'open', lastFrameAt: now, frames: 1, discarded: {}, reopened: 0 } },
  })
  expect(edgeOf(house('h'), [edge('one', 'other'), edge('two', 'climate-1')])?.id).toBe('two')
  expect(edgeOf(house('h'), [edge('one', 'x'), edge('two', 'y')])).toBeUndefined()
  expect(edgeOf(house('h', { latest: [] }), [edge('one', 'x')])?.id).toBe('one')
})
