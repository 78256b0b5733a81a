import { expect, it } from 'vitest'
import { HEARTBEAT_MS, type MetricId } from '#domain/metrics.ts'
import { createReportFilter } from './report-filter.ts'

const T = Date.UTC(2026, 4, 1)

/** What is said of values measured one after the other, `[ms after the start, value]`. */
function said(metric: MetricId, measured: [number, number][]): [number, number | undefined][] {
  const filter = createReportFilter()
  return measured.flatMap(([ms, value]) => {
    const report = filter.pass(T + ms, { [metric]: value })
    return report ? [[report.t - T, report.values[metric]] as [number, number | undefined]] : []
  })
}

it('says a value when it moved by its deadband', () => {
  expect(
    said('air.temperature', [
      [0, 23.4],
      [1000, 23.5],
      [2000, 23.6],
      [3000, 23.5],
      [4000, 23.4],
    ]),
  ).toEqual([
    [0, 23.4],
    [2000, 23.6],
    [4000, 23.4],
  ])
})

it('adds small moves up: a slow drift is said', () => {
  const drift = Array.from({ length: 11 }, (_, index): [number, number] => [index * 1000, 20 + index * 0.1])
  expect(said('air.temperature', drift).map(([, value]) => value)).toEqual([20, 20.2, 20.4, 20.6, 20.8, 21])
})

it('says what does not move every minute', () => {
  const still = Array.from({ length: 131 }, (_, index): [number, number] => [index * 1000, 50])
  expect(said('air.humidity', still).map(([ms]) => ms)).toEqual([0, HEARTBEAT_MS, 2 * HEARTBEAT_MS])
})

it('says every change of a state at once, and only changes', () => {
  expect(
    said('fan.running', [
      [0, 1],
      [100, 1],
      [150, 0],
      [180, 1],
      [5000, 1],
    ]),
  ).toEqual([
    [0, 1],
    [150, 0],
    [180, 1],
  ])
})

it('says a moving gauge at most once a second', () => {
  const swinging = Array.from({ length: 41 }, (_, index): [number, number] => [
    index * 100,
    1000 + (index % 2) * 500 + index,
  ])
  expect(said('air.co2', swinging).length).toBeLessThanOrEqual(5)
})

it('a load that birds move all day is said once a minute: its samples travel in blocks', () => {
  const visits = Array.from({ length: 1800 }, (_, index): [number, number] => [
    index * 100,
    (index % 7) * 2000,
  ])
  expect(said('scale.load', visits).map(([t]) => t)).toEqual([0, 60_000, 120_000])
})

it('a metric without a deadband is said when it changes', () => {
  expect(
    said('bird.weight', [
      [0, 500],
      [1000, 500],
      [2000, 501],
    ]),
  ).toEqual([
    [0, 500],
    [2000, 501],
  ])
})

it('gives every reading of a device a later time', () => {
  const filter = createReportFilter()
  const times = [0, 0, 0, -50_000, 1].map(
    (ms, index) => (filter.pass(T + ms, { 'fan.running': index % 2 })?.t ?? 0) - T,
  )
  expect(times).toEqual([0, 1, 2, 3, 4])
})

it('follows a clock that was put back by an hour', () => {
  const filter = createReportFilter()
  filter.pass(T, { 'air.temperature': 20 })
  expect(filter.pass(T - 3_600_000, { 'air.temperature': 20 })?.t).toBe(T - 3_600_000)
})

it('rounds to the decimals that carry meaning', () => {
  expect(createReportFilter().pass(T, { 'air.co2': 812.6, 'air.nh3': 9.87 })?.values).toEqual({
    'air.co2': 813,
    'air.nh3': 9.9,
  })
})
