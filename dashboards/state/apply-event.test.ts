import { expect, it } from 'vitest'
import type { AlarmView, LatestValue, Overview } from '#domain/api/farm.ts'
import { applyEvent } from './apply-event.ts'
import { initialState } from './state.ts'

const value: LatestValue = {
  device: 'climate-1',
  metric: 'air.temperature',
  by: '',
  t: 1000,
  value: 24,
  quality: 'good',
}
const alarm: AlarmView = {
  id: 'a1',
  house: 'h1',
  device: 'climate-1',
  rule: 'air-hot',
  metric: 'air.temperature',
  severity: 'critical',
  state: 'unacknowledged',
  since: 1000,
  raisedAt: 1000,
  receivedAt: 1000,
  clearedAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  value: 34,
  limit: 32,
  late: false,
}
const overview: Overview = {
  t: 1000,
  farm: { id: 'f1', name: 'Farm', timeZone: 'Asia/Shanghai' },
  houses: [
    { id: 'h1', name: 'House 1', timeZone: 'Asia/Shanghai', flock: null, latest: [value], alarms: [] },
    { id: 'h2', name: 'House 2', timeZone: 'Asia/Shanghai', flock: null, latest: [], alarms: [] },
  ],
  edges: [],
}
const known = { ...initialState, overview, alarms: [] as AlarmView[] }
const houseOf = (after: { overview: Overview | undefined }, index: number) => after.overview?.houses[index]

it('a newer value takes the place of the older one of its series, a new series joins', () => {
  const newer = { ...value, t: 2000, value: 25 }
  const humidity = { ...value, metric: 'air.humidity', value: 60 }
  const after = applyEvent(known, { kind: 'values', house: 'h1', values: [newer, humidity] })
  expect(houseOf(after, 0)?.latest).toEqual([newer, humidity])
  expect(houseOf(after, 1)).toBe(overview.houses[1])
})

it('an older value never replaces a newer one', () => {
  const after = applyEvent(known, { kind: 'values', house: 'h1', values: [{ ...value, t: 500, value: 19 }] })
  expect(houseOf(after, 0)?.latest).toEqual([value])
})

it('an alarm joins its house and the list, and leaves the house when it is over and seen', () => {
  const raised = applyEvent(known, { kind: 'alarm', alarm })
  expect(houseOf(raised, 0)?.alarms).toEqual([alarm])
  expect(raised.alarms).toEqual([alarm])
  const over = { ...alarm, state: 'normal' as const, clearedAt: 5000 }
  const cleared = applyEvent(raised, { kind: 'alarm', alarm: over })
  expect(houseOf(cleared, 0)?.alarms).toEqual([])
  expect(cleared.alarms).toEqual([over])
})

it('an edge is updated or joins', () => {
  const edge = { id: 'e1', enrolledAt: 0, seenAt: 1, backlog: 0, counters: {}, devices: {} }
  const first = applyEvent(known, { kind: 'edge', edge })
  const second = applyEvent(first, { kind: 'edge', edge: { ...edge, seenAt: 9 } })
  expect(second.overview?.edges).toEqual([{ ...edge, seenAt: 9 }])
})

it('events before the first overview are harmless', () => {
  expect(applyEvent(initialState, { kind: 'alarm', alarm }).overview).toBeUndefined()
})
