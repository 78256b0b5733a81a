import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  freshState,
  HOLD_MS,
  type JudgeChange,
  type JudgeInput,
  judge,
  raisedState,
  shiftState,
} from './judge.ts'
import { limitAt, type Rule } from './rule.ts'

const T0 = Date.UTC(2026, 5, 1)
const hot: Rule = {
  id: 'hot',
  metric: 'air.temperature',
  condition: {
    kind: 'above',
    limit: [
      { day: 0, value: 35 },
      { day: 20, value: 25 },
    ],
    hysteresis: 1,
  },
  forMs: 60_000,
  severity: 'critical',
  siren: true,
  source: 'test',
}
const s = (seconds: number) => T0 + seconds * 1000

/** Feeds [seconds, value?] and tells the changes as [kind, seconds at, seconds since]. */
function run(rule: Rule, inputs: readonly [number, number?][], ageDays: number | 'none' = 20) {
  let state = freshState(T0)
  const told: [JudgeChange['kind'], number, number][] = []
  for (const [seconds, value] of inputs) {
    const input: JudgeInput = { t: s(seconds), ...(value !== undefined && { value }) }
    const next = judge(rule, ageDays === 'none' ? undefined : ageDays, state, input)
    state = next.state
    if (next.change)
      told.push([next.change.kind, (next.change.at - T0) / 1000, (next.change.since - T0) / 1000])
  }
  return told
}

describe('a limit', () => {
  it('is raised when it held for its duration, on a tick, from when it began', () => {
    expect(run(hot, [[0, 24], [10, 26], [40], [69], [70], [80, 27]])).toEqual([['raised', 70, 10]])
  })
  it('is not raised when the condition ended in between', () => {
    expect(run(hot, [[0, 26], [30, 24.9], [61], [90, 26], [149]])).toEqual([])
  })
  it('clears only below its hysteresis', () => {
    expect(run(hot, [[0, 26], [60], [70, 24.5], [80, 24.01], [90, 24]])).toEqual([
      ['raised', 60, 0],
      ['cleared', 90, 0],
    ])
  })
  it('follows the age of the birds, and says nothing without one', () => {
    expect(run(hot, [[0, 30], [60]], 0)).toEqual([])
    expect(run(hot, [[0, 30.1], [60]], 10)).toEqual([['raised', 60, 0]])
    expect(run(hot, [[0, 99], [60]], 'none')).toEqual([])
  })
  it('is not raised by a value too old to speak for itself', () => {
    const slow = { ...hot, forMs: HOLD_MS + 1000 }
    expect(run(slow, [[0, 30], [HOLD_MS / 1000 + 1]])).toEqual([])
  })
  it('below works likewise', () => {
    const low: Rule = { ...hot, condition: { kind: 'below', limit: 0.5, hysteresis: 0 }, forMs: 10_000 }
    expect(run(low, [[0, 1], [5, 0], [14], [15], [20, 1]])).toEqual([
      ['raised', 15, 5],
      ['cleared', 20, 5],
    ])
  })
  it('does not count a gap as held: the value after it begins anew', () => {
    const gap = HOLD_MS / 1000 + 1
    expect(run(hot, [[0, 26], [gap, 26], [gap + 59], [gap + 60]])).toEqual([['raised', gap + 60, gap]])
  })
  it('that is gone, as its flock is, clears what it had raised, also without a new value', () => {
    const { state } = judge(hot, 20, raisedState(T0, 27), { t: s(10), value: 27 })
    const gone = judge(hot, undefined, state, { t: s(3600) })
    expect(gone.change).toMatchObject({ kind: 'cleared', since: T0, at: s(3600), value: 27 })
    expect(gone.state.phase).toBe('normal')
  })
  it('with a duration for clearing clears when it was well for that long without a break', () => {
    const slow = { ...hot, forMs: 0, clearForMs: 60_000 }
    expect(run(slow, [[0, 26], [10, 20], [60, 26], [70, 20], [129], [130]])).toEqual([
      ['raised', 0, 0],
      ['cleared', 130, 0],
    ])
  })
  it('with no duration is raised at once', () => {
    expect(run({ ...hot, forMs: 0 }, [[3, 26]])).toEqual([['raised', 3, 3]])
  })
})

describe('a rate', () => {
  const rise: Rule = { ...hot, condition: { kind: 'rate', change: 3, withinMs: 600_000 }, forMs: 0 }
  it('is raised by a rise within its window, not by a slow one', () => {
    expect(
      run(rise, [
        [0, 20],
        [300, 21.5],
        [600, 23],
      ]),
    ).toEqual([['raised', 600, 600]])
    expect(
      run(rise, [
        [0, 20],
        [400, 21.5],
        [800, 23],
        [1200, 24.4],
      ]),
    ).toEqual([])
  })
  it('clears when the rise is over, and a fall is another rule', () => {
    expect(
      run(rise, [
        [0, 20],
        [60, 24],
        [700, 24.5],
      ]).map(([kind]) => kind),
    ).toEqual(['raised', 'cleared'])
    expect(
      run(rise, [
        [0, 24],
        [60, 20],
      ]),
    ).toEqual([])
    const fall: Rule = { ...rise, condition: { kind: 'rate', change: -3, withinMs: 600_000 } }
    expect(
      run(fall, [
        [0, 24],
        [60, 20],
      ]).map(([kind]) => kind),
    ).toEqual(['raised'])
  })
  it('is one alarm on a noisy ramp that stays about its limit', () => {
    let seed = 1
    const noise = () => {
      seed = (seed * 16807) % 2147483647
      return (seed / 2147483647 - 0.5) * 0.8
    }
    // 3 °C in 10 minutes for two hours, then level for half an hour.
    const ramp = Array.from({ length: 900 }, (_, index): [number, number] => {
      const seconds = index * 10
      return [seconds, 15 + Math.min(seconds, 7200) / 200 + noise()]
    })
    const told = run({ ...rise, clearForMs: 300_000 }, ramp)
    expect(told.map(([kind]) => kind)).toEqual(['raised', 'cleared'])
    expect(told[1]?.[1]).toBeGreaterThan(7200)
  })
  it('stays raised over a restart until its window has been filled', () => {
    let state = raisedState(T0, 24)
    const at = (seconds: number, value?: number) => {
      const next = judge(rise, 20, state, { t: s(seconds), ...(value !== undefined && { value }) })
      state = next.state
      return next.change?.kind
    }
    expect([at(50), at(100, 24), at(101), at(400, 24), at(699, 24), at(700, 24)]).toEqual([
      ...[undefined, undefined, undefined, undefined, undefined],
      'cleared',
    ])
  })
})

describe('a clock set back', () => {
  const back = -3600
  it('does not blind a limit: it goes on from the new time', () => {
    expect(run(hot, [[0, 20], [back, 26], [back + 59], [back + 60]])).toEqual([['raised', back + 60, back]])
  })
  it('drops a for-duration that ran, and keeps an alarm with its beginning', () => {
    expect(
      run(hot, [
        [0, 26],
        [back, 26],
        [back + 59, 26],
      ]),
    ).toEqual([])
    expect(run(hot, [[0, 26], [60], [back, 26], [back + 60, 20]])).toEqual([
      ['raised', 60, 0],
      ['cleared', back + 60, 0],
    ])
  })
  it('is seen by a tick too: silence is told in time, and one that is told stays', () => {
    const silent: Rule = { ...hot, condition: { kind: 'silent', afterMs: 300_000 }, forMs: 0 }
    expect(run(silent, [[0, 20], [back], [back + 301], [back * 2], [back * 2 + 10, 20]])).toEqual([
      ['raised', back + 301, back + 300],
      ['cleared', back * 2 + 10, back + 300],
    ])
  })
  it('forgets the movement of before', () => {
    const rise: Rule = { ...hot, condition: { kind: 'rate', change: 3, withinMs: 600_000 }, forMs: 0 }
    expect(
      run(rise, [
        [0, 20],
        [back, 24],
      ]),
    ).toEqual([])
  })
})

it('moves with its clock: what ran goes on running, an alarm keeps its beginning', () => {
  const pending = judge(hot, 20, freshState(T0), { t: s(0), value: 26 }).state
  const moved = shiftState(pending, 3_600_000)
  expect(judge(hot, 20, moved, { t: s(3659) }).change).toBeUndefined()
  const raised = judge(hot, 20, moved, { t: s(3660) })
  expect(raised.change).toMatchObject({ kind: 'raised', since: s(3600) })
  expect(shiftState(raised.state, -3_600_000)).toMatchObject({ since: s(3600), lastT: s(0) })
  expect(shiftState(freshState(T0), 5)).toEqual(freshState(T0))
})

describe('silence', () => {
  const silent: Rule = { ...hot, condition: { kind: 'silent', afterMs: 300_000 }, forMs: 0 }
  it('is raised after its time, from the moment a reading was due, and cleared by one', () => {
    expect(run(silent, [[0, 20], [299], [301], [400], [500, 20]])).toEqual([
      ['raised', 301, 300],
      ['cleared', 500, 300],
    ])
  })
  it('is no news of a series that never spoke', () => {
    expect(run(silent, [[0], [1000]])).toEqual([])
  })
})

it('carries on from an open alarm after a restart', () => {
  const { change } = judge(hot, 20, raisedState(T0, 27), { t: s(100), value: 20 })
  expect(change).toMatchObject({ kind: 'cleared', since: T0 })
})

it('ignores readings from before its last one', () => {
  expect(
    run(hot, [
      [100, 20],
      [0, 99],
      [60, 99],
      [160, 20],
    ]),
  ).toEqual([])
})

it('raises and clears in turn, whatever it is fed', () => {
  const input = fc.tuple(
    fc.integer({ min: 0, max: 2000 }),
    fc.option(fc.double({ min: 0, max: 60, noNaN: true }), { nil: undefined }),
  )
  fc.assert(
    fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
      const told = run(hot, inputs as [number, number?][])
      for (const [index, [kind]] of told.entries()) expect(kind).toBe(index % 2 === 0 ? 'raised' : 'cleared')
    }),
  )
})

it('interpolates limits by day, flat outside the table', () => {
  const limit = [
    { day: 7, value: 30 },
    { day: 14, value: 26 },
  ]
  expect([0, 7, 9, 14, 60].map((day) => limitAt(limit, day))).toEqual([30, 30, 30 - (4 * 2) / 7, 26, 26])
  expect(limitAt(20, undefined)).toBe(20)
})
