import { describe, expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { Reading } from '#domain/reading.ts'
import { createGroupCommit, GROUP_READINGS, type Group } from './group-commit.ts'

const reading = (t: number): Reading => ({
  series: { house: 'h', device: 'd', metric: 'air.temperature', source: 'sensor', by: '' },
  t,
  value: 20,
  quality: 'good',
})

const event = (n: number, action: AlarmEvent['action']): AlarmEvent => ({
  alarm: `a${n}`,
  action,
  t: n,
  house: 'h',
  device: 'd',
  rule: 'air-hot',
  metric: 'air.temperature',
  severity: 'critical',
  since: n,
  value: 36,
  limit: 35,
  late: false,
})

function bench(isDown = () => false, onStored: (group: Group) => void = () => {}) {
  const stored: number[][] = []
  const events: AlarmEvent[] = []
  const turns: (() => void)[] = []
  const timers: { work: () => void; ms: number }[] = []
  const told = { failed: 0, dropped: 0 }
  const group = createGroupCommit({
    commit: (one: Group) => {
      if (isDown()) throw new Error('disk full')
      const { readings, events: own } = one
      onStored(one)
      events.push(...own)
      stored.push(readings.map(({ t }) => t))
    },
    schedule: (work, ms) => timers.push({ work, ms }),
    nextTurn: (work) => turns.push(work),
    onFailed: () => {
      told.failed++
    },
    onDropped: (n) => {
      told.dropped += n
    },
  })
  const runTimers = () => {
    for (const { work } of timers.splice(0)) work()
  }
  /** The event loop comes round once. */
  const turn = () => {
    for (const work of turns.splice(0)) work()
  }
  return { group, stored, events, timers, told, runTimers, turn }
}

describe('group commit', () => {
  it('answers only after the commit, all of a group at once', () => {
    const { group, stored, runTimers } = bench()
    const answered: number[] = []
    group.add([reading(1)], [], () => answered.push(stored.length))
    group.add([reading(2)], [], () => answered.push(stored.length))
    expect(answered).toEqual([])
    runTimers()
    expect(stored).toEqual([[1, 2]])
    expect(answered).toEqual([1, 1])
  })

  it('does not wait when a group is full', () => {
    const { group, stored } = bench()
    for (let t = 0; t < GROUP_READINGS; t++) group.add([reading(t)], [])
    expect(stored).toHaveLength(1)
    expect(group.waiting()).toBe(0)
  })

  it('does not wait for more when many have come and a turn of the event loop brings none', () => {
    const { group, stored, timers, turn } = bench()
    const add = (count: number) => {
      for (let t = 0; t < count; t++) group.add([reading(t)], [])
    }
    add(300)
    turn()
    add(100)
    turn()
    turn()
    expect(stored.map(({ length }) => length)).toEqual([400])
    // A few wait for the timer.
    add(10)
    turn()
    expect([stored.length, timers.length > 0]).toEqual([1, true])
  })

  it('answers a message without a good value too, or its sender repeats it for ever', () => {
    const { group, runTimers } = bench()
    let answers = 0
    group.add([], [], () => answers++)
    runTimers()
    expect(answers).toBe(1)
  })

  it('keeps and repeats what a failing store did not take, without answering', () => {
    let isDown = true
    const { group, stored, told, runTimers } = bench(() => isDown)
    let answers = 0
    group.add([reading(1)], [], () => answers++)
    runTimers()
    group.add([reading(2)], [], () => answers++)
    runTimers()
    expect([answers, told.failed, stored]).toEqual([0, 2, []])
    isDown = false
    runTimers()
    expect([answers, stored]).toEqual([2, [[1, 2]]])
  })

  it('stores what different clocks have stamped apart, and answers when all of it is stored', () => {
    let isDown = true
    const clocks: (number | undefined)[] = []
    const { group, runTimers } = bench(
      () => isDown,
      ({ clock }) => clocks.push(clock?.offsetMs),
    )
    const stamps = [1, 2].map((offsetMs) => ({ boot: '00000000000000b0', offsetMs }))
    let answers = 0
    group.add([], [event(1, 'raised')])
    group.add([reading(1)], [], () => answers++, stamps[0])
    group.add([reading(2)], [], () => answers++)
    group.add([reading(3)], [], () => answers++, stamps[1])
    group.add([reading(4)], [], () => answers++, stamps[0])
    runTimers()
    expect([clocks, answers, group.waiting()]).toEqual([[], 0, 4])
    isDown = false
    runTimers()
    expect([clocks, answers, group.waiting()]).toEqual([[1, undefined, 2], 4, 0])
  })

  it('bounds what waits while the store is down, and acknowledges nothing of what it did not keep', () => {
    let isDown = true
    const { group, told, stored, runTimers } = bench(() => isDown)
    group.add([reading(0)], [])
    runTimers()
    const answered: number[] = []
    for (let t = 1; t <= 60_000; t++) {
      group.add([reading(t)], [], t % 2 === 0 ? () => answered.push(t) : undefined)
    }
    expect(group.waiting()).toBe(50_000)
    expect(told.dropped).toBe(10_001)
    isDown = false
    runTimers()
    const kept = new Set(stored.flat())
    expect(kept.size).toBe(50_000)
    expect(answered.length).toBeGreaterThan(20_000)
    expect(answered.filter((t) => !kept.has(t))).toEqual([])
  })

  it('bounds events while the store is down, and drops no half of an alarm', () => {
    let isDown = true
    const { group, events, told, runTimers } = bench(() => isDown)
    group.add([], [event(0, 'raised')])
    runTimers()
    for (let n = 1; n <= 20_000; n++) {
      group.add([], [event(n, 'raised')])
      if (n > 1) group.add([], [event(n - 1, 'cleared')])
    }
    isDown = false
    runTimers()
    expect(events.length).toBeLessThanOrEqual(10_001)
    expect(told.dropped + events.length).toBe(1 + 20_000 + 19_999)
    const raised = new Set(events.filter(({ action }) => action === 'raised').map(({ alarm }) => alarm))
    expect(events.every(({ alarm }) => raised.has(alarm))).toBe(true)
    // What is raised after the store came back is stored, to its end.
    group.add([], [event(30_000, 'raised'), event(30_000, 'cleared')])
    runTimers()
    expect(events.slice(-2).map(({ alarm }) => alarm)).toEqual(['a30000', 'a30000'])
  })
})
