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
  /** Both clocks run alike, unless the wall clock was moved. */
  const tick = (now: number, movedMs = 0) => runner.tick(now, now - movedMs - T0)
  const told = () => events.map(({ rule, action }) => `${rule} ${action}`)

  it('raises when the for-duration runs out between two readings', () => {
    runner.take(reading(fan, T0, 0), false)
    tick(T0 + 9_999)
    expect(told()).toEqual([])
    tick(T0 + 10_000)
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

  it('raises at once, with its true beginning, what the backlog left open and still holds', () => {
    for (const second of [0, 15]) runner.take(reading(fan, T0 + second * 1000, 0), true)
    expect(told()).toEqual([])
    runner.take(reading(fan, T0 + 75_000, 0), false)
    expect(events).toMatchObject([
      { rule: 'fan-stopped', action: 'raised', since: T0, t: T0 + 15_000, late: false },
    ])
    runner.take(reading(fan, T0 + 80_000, 0), false)
    // The same backlog, sent again.
    for (const second of [0, 15]) runner.take(reading(fan, T0 + second * 1000, 0), true)
    runner.take(reading(fan, T0 + 90_000, 1), false)
    expect(told()).toEqual(['fan-stopped raised', 'fan-stopped cleared'])
    expect(events[1]).toMatchObject({ alarm: events[0]?.alarm, t: T0 + 90_000, late: false, limit: 0.5 })
    expect(pairs).toEqual([])
  })

  it('lets a for-duration that began in the backlog run out live', () => {
    runner.take(reading(fan, T0, 0), true)
    runner.take(reading(fan, T0 + 4_000, 0), false)
    tick(T0 + 9_999)
    expect(told()).toEqual([])
    tick(T0 + 10_000)
    expect(events).toMatchObject([{ action: 'raised', since: T0, late: false }])
    expect(pairs).toEqual([])
  })

  it('judges a backlog of values far apart as it would have been judged then', () => {
    for (const [minute, value] of [
      [0, 0],
      [5, 0],
      [10, 1],
    ] as const)
      runner.take(reading(fan, T0 + minute * MINUTE, value), true)
    expect(pairs.map(([raised, cleared]) => [raised.since, cleared.t])).toEqual([[T0, T0 + 10 * MINUTE]])
  })

  it('judges an older backlog by itself, after a newer one', () => {
    const hour = 60 * MINUTE
    for (const from of [T0 + hour, T0])
      for (const second of [0, 15, 30])
        runner.take(reading(fan, from + second * 1000, second < 30 ? 0 : 1), true)
    expect(pairs.map(([raised]) => raised.since)).toEqual([T0 + hour, T0])
  })

  it.each([
    ['forward', 60 * MINUTE],
    ['back', -60 * MINUTE],
  ])('counts silence on time that passed: the wall clock jumps %s', (_, jump) => {
    runner.take(reading(air, T0, 20), false)
    tick(T0)
    tick(T0 + 250)
    tick(T0 + 500 + jump, jump)
    tick(T0 + 5 * MINUTE + jump, jump)
    expect(told()).toEqual([])
    tick(T0 + 5 * MINUTE + 1 + jump, jump)
    expect(told()).toEqual(['climate-silent raised'])
    expect(events[0]?.since).toBe(T0 + 5 * MINUTE + jump)
  })

  it('moves no value that came after the jump', () => {
    runner.take(reading(air, T0, 20), false)
    tick(T0)
    runner.take(reading(air, T0 + 60 * MINUTE, 20), false)
    tick(T0 + 60 * MINUTE + 250, 60 * MINUTE)
    tick(T0 + 65 * MINUTE + 1, 60 * MINUTE)
    expect(told()).toEqual(['climate-silent raised'])
  })

  it('clears an alarm whose flock is gone, without a new value', () => {
    let age: number | undefined = 27
    events = []
    runner = createRuleRunner({
      rules: defaultRules(),
      ageDays: () => age,
      openAlarms: [],
      onEvent: (event) => events.push(event),
      onLatePair: () => {},
    })
    runner.take(reading(air, T0, 40), false)
    tick(T0 + 60_000)
    expect(told()).toEqual(['air-hot raised'])
    age = undefined
    tick(T0 + 60_250)
    expect(told()).toEqual(['air-hot raised', 'air-hot cleared'])
  })

  it('hears no silence in a contact whose device is there, and does once it has left', () => {
    runner.take(reading(fan, T0, 1), false)
    for (let minute = 1; minute <= 60; minute++) {
      runner.present('h1', 'd1', T0 + minute * MINUTE)
      tick(T0 + minute * MINUTE)
    }
    expect(told()).toEqual([])
    tick(T0 + 65 * MINUTE + 1)
    expect(told()).toEqual(['relay-silent raised'])
    runner.present('h1', 'd1', T0 + 70 * MINUTE)
    expect(told()).toEqual(['relay-silent raised', 'relay-silent cleared'])
  })

  it('takes a climate sensor that says nothing for silent, whether its device is there or not', () => {
    runner.take(reading(air, T0, 20), false)
    for (let minute = 1; minute <= 6; minute++) {
      runner.present('h1', 'd1', T0 + minute * MINUTE)
      tick(T0 + minute * MINUTE)
    }
    expect(told()).toEqual(['climate-silent raised'])
  })

  it('carries an open silence over a restart without clearing it in between', () => {
    runner.take(reading(air, T0, 20), false)
    tick(T0 + 5 * MINUTE + 1)
    const [silence] = events
    expect(told()).toEqual(['climate-silent raised'])
    runner = open(silence ? [silence] : [])
    runner.expect(air, T0 + 6 * MINUTE)
    tick(T0 + 6 * MINUTE)
    tick(T0 + 30 * MINUTE)
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
