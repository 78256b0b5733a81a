import { describe, expect, it } from 'vitest'
import type { Reading } from '#domain/reading.ts'
import { createGroupCommit, GROUP_READINGS, type Group } from './group-commit.ts'

const reading = (t: number): Reading => ({
  series: { house: 'h', device: 'd', metric: 'air.temperature', source: 'sensor', by: '' },
  t,
  value: 20,
  quality: 'good',
})

function bench(isDown = () => false) {
  const stored: number[][] = []
  const timers: { work: () => void; ms: number }[] = []
  const told = { failed: 0, dropped: 0 }
  const group = createGroupCommit({
    commit: ({ readings }: Group) => {
      if (isDown()) throw new Error('disk full')
      stored.push(readings.map(({ t }) => t))
    },
    schedule: (work, ms) => timers.push({ work, ms }),
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
  return { group, stored, timers, told, runTimers }
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

  it('bounds what nobody waits for while the store is down', () => {
    const { group, told, runTimers } = bench(() => true)
    group.add([reading(0)], [])
    runTimers()
    for (let t = 1; t <= 60_000; t++) group.add([reading(t)], [])
    expect(group.waiting()).toBe(50_000)
    expect(told.dropped).toBe(10_001)
  })
})
