import { beforeEach, describe, expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { MetricId } from '#domain/metrics.ts'
import type { Reading, Series } from '#domain/reading.ts'
import { defaultRules } from '#domain/rules/default-rules.ts'
import { MINUTE } from '#domain/time.ts'
import { createRuleRunner, type RuleRunner } from './rule-runner.ts'

const T0 = Date.UTC(2026, 5, 1)
const series = (metric: MetricId): Series => ({ house: 'h1', device: 'd1', metric, source: 'sensor', by: '' })
const fan = series('fan.running')
const air = series('air.temperature')
const reading = (of: Series, t: number, value: number): Reading => ({ series: of, t, value, quality: 'good' })

describe('rule runner', () => {
  let events: AlarmEvent[]
  let pairs: [AlarmEvent, AlarmEvent][]
  const open = (openAlarms: AlarmEvent[] = []): RuleRunner => {
    events = []
    pairs = []
    return createRuleRunner({
      rules: defaultRules(),
      ageDays: () => 27,
      openAlarms,
      onEvent: (event) => events.push(event),
      onLatePair: (raised, cleared) => pairs.push([raised, cleared]),
    })
  }
  let runner: RuleRunner
  beforeEach(() => {
    runner = open()
  })
  const told = () => events.map(({ rule, action }) => `${rule} ${action}`)

  it('raises when the for-duration runs out between two readings', () => {
    runner.take(reading(fan, T0, 0), false)
    runner.tick(T0 + 9_999)
    expect(told()).toEqual([])
    runner.tick(T0 + 10_000)
    expect(told()).toEqual(['fan-stopped raised'])
    expect(events[0]).toMatchObject({ since: T0, value: 0, limit: 0.5, late: false })
  })

  it('judges late readings apart: the live judge does not see them', () => {
    runner.take(reading(fan, T0, 1), false)
    for (const second of [0, 15, 30])
      runner.take(reading(fan, T0 - 3_600_000 + second * 1000, second < 30 ? 0 : 1), true)
    expect(told()).toEqual([])
    expect(pairs.map(([raised, cleared]) => [raised.late, cleared.late, cleared.t - raised.since])).toEqual([
      [true, true, 30_000],
    ])
  })

  it('closes an alarm that the backlog left open with the first live value that is well', () => {
    for (const second of [0, 15]) runner.take(reading(fan, T0 + second * 1000, 0), true)
    expect(pairs).toEqual([])
    runner.take(reading(fan, T0 + 3_600_000, 1), false)
    expect(pairs).toHaveLength(1)
    expect(told()).toEqual([])
  })

  it('carries an open silence over a restart without clearing it in between', () => {
    runner.take(reading(air, T0, 20), false)
    runner.tick(T0 + 5 * MINUTE + 1)
    const [silence] = events
    expect(told()).toEqual(['climate-silent raised'])
    runner = open(silence ? [silence] : [])
    runner.expect(air, T0 + 6 * MINUTE)
    runner.tick(T0 + 6 * MINUTE)
    runner.tick(T0 + 30 * MINUTE)
    expect(told()).toEqual([])
    runner.take(reading(air, T0 + 31 * MINUTE, 20), false)
    expect(told()).toEqual(['climate-silent cleared'])
    expect(events[0]?.alarm).toBe(silence?.alarm)
  })

  it('stays bounded and fast when a series speaks a thousand times a second', () => {
    const start = performance.now()
    for (let ms = 0; ms < 200_000; ms++) runner.take(reading(air, T0 + ms, 20), false)
    expect(performance.now() - start).toBeLessThan(3_000)
  })
})
