import { beforeEach, describe, expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { MetricId } from '#domain/metrics.ts'
import type { Reading, Series } from '#domain/reading.ts'
import { defaultRules } from '#domain/rules/default-rules.ts'
import { DAY, HOUR, MINUTE } from '#domain/time.ts'
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
  const tick = (now: number) => runner.tick(now)
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

  describe.each([
    ['a year back', -365 * DAY],
    ['six years forward', 6 * 365 * DAY],
    ['forward by seconds', 9_000],
  ])('a clock that is corrected %s', (_, byMs) => {
    const correct = (at: number) => runner.step({ byMs, wrong: { fromT: T0 - MINUTE, toT: at } })

    it('lets silence and durations last as long as ever', () => {
      runner.take(reading(air, T0, 20), false)
      runner.take(reading(fan, T0, 0), false)
      tick(T0 + 500)
      correct(T0 + 500)
      tick(T0 + 9_999 + byMs)
      expect(told()).toEqual([])
      tick(T0 + 10_000 + byMs)
      expect(told()).toEqual(['fan-stopped raised'])
      expect(events[0]?.since).toBe(T0 + byMs)
      tick(T0 + 5 * MINUTE + byMs)
      expect(told()).toHaveLength(1)
      tick(T0 + 5 * MINUTE + 1 + byMs)
      expect(told().slice(1)).toEqual(['climate-silent raised', 'relay-silent raised'])
    })

    it('raises and clears nothing; an alarm keeps its name, and has begun at its true time', () => {
      runner.take(reading(fan, T0, 0), false)
      tick(T0 + 10_000)
      const [raised] = events
      correct(T0 + 11_000)
      tick(T0 + 11_250 + byMs)
      tick(T0 + 2 * MINUTE + byMs)
      expect(told()).toEqual(['fan-stopped raised'])
      runner.take(reading(fan, T0 + 2 * MINUTE + byMs, 1), false)
      expect(events[1]).toMatchObject({
        alarm: raised?.alarm,
        action: 'cleared',
        since: T0 + byMs,
        limit: 0.5,
      })
    })

    it('leaves the beginning of an alarm that the right clock has timed', () => {
      runner.take(reading(fan, T0, 0), false)
      tick(T0 + 10_000)
      runner.step({ byMs })
      runner.take(reading(fan, T0 + 20_000 + byMs, 1), false)
      expect(events[1]).toMatchObject({ action: 'cleared', since: T0 })
    })

    it('does not lose an alarm of the backlog', () => {
      for (const second of [0, 15]) runner.take(reading(fan, T0 + second * 1000, 0), true)
      correct(T0 + HOUR)
      runner.take(reading(fan, T0 + HOUR + byMs, 1), false)
      expect(pairs).toHaveLength(1)
      expect(pairs[0]?.[0].alarm).toBe(pairs[0]?.[1].alarm)
      expect(told()).toEqual([])
    })
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
