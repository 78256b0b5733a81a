import { describe, expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { Reading } from '#domain/reading.ts'
import type { EdgeClock } from '../clock/edge-clock.ts'
import { createCounters } from '../counters.ts'
import { createSeriesTable } from '../series-table.ts'
import { nodeConfig } from '../test/node-config.ts'
import { createDevices } from './devices.ts'
import { createGroupCommit } from './group-commit.ts'
import { createIngest } from './ingest.ts'

const T0 = Date.UTC(2026, 5, 1)

const BOOT = '00000000000000b0'
const YEAR = 365 * 86_400_000

/** `bootedAt`: what the edge believes the boot to have been. */
function bench({ isKnown = true } = {}) {
  let mono = 1_000_000
  let stamp = { boot: BOOT, offsetMs: T0 - mono }
  const clock: EdgeClock = {
    boot: BOOT,
    now: () => mono + stamp.offsetMs,
    monotonic: () => mono,
    stamp: () => stamp,
    stampOfOther: () => undefined,
    isKnown: () => isKnown,
    look: () => {},
    onDate: () => {},
    guess: () => {},
    status: () => ({ knownBy: 'none', boot: BOOT, systemAheadMs: 0, corrections: [] }),
  }
  const counters = createCounters(
    () => {},
    () => 0,
  )
  const stored: { reading: Reading; isOurs: boolean }[] = []
  const late: boolean[] = []
  const ingest = createIngest({
    table: createSeriesTable(),
    clock,
    counters,
    commit: createGroupCommit({
      commit: ({ readings, clock: of }: { readings: Reading[]; events: AlarmEvent[]; clock?: unknown }) => {
        stored.push(...readings.map((reading) => ({ reading, isOurs: of !== undefined })))
      },
      schedule: (work) => work(),
      nextTurn: (work) => work(),
      onFailed: () => {},
      onDropped: () => {},
    }),
    devices: createDevices(nodeConfig('/')),
    known: [],
    onReading: (_, isLate) => late.push(isLate),
    onBlock: (house, device, _, __, ___, timeOf) => [
      {
        series: { house, device, metric: 'bird.weight', source: 'model', by: 'm@1' },
        t: timeOf(T0 - YEAR),
        value: 2000,
        quality: 'good',
      },
    ],
    onFrame: () => [],
  })
  const send = (samples: object | object[]) =>
    ingest.message(
      { kind: 'readings', house: 'h1', device: 'air-1' },
      'any',
      Buffer.from(JSON.stringify(samples)),
      () => {},
    )
  return {
    ingest,
    counters,
    send,
    late,
    /** Runs the clock to this time. */
    runTo(at: number) {
      mono = at - stamp.offsetMs
    },
    believe(offsetMs: number) {
      stamp = { boot: BOOT, offsetMs }
    },
    mono: () => mono,
    times: () => stored.map(({ reading, isOurs }) => [reading.t - T0, isOurs ? 'ours' : 'theirs']),
    say(at: number, t: number, value: number) {
      mono = at - stamp.offsetMs
      send({ t, values: { 'air.temperature': value } })
    },
  }
}

const values = { 'air.temperature': 20 }

it('shows the newest reading of a series, whatever a backlog brings after it', () => {
  const { ingest, say } = bench()
  say(T0, T0, 20)
  say(T0, T0 - 3_600_000, 15)
  expect(ingest.latest().map(({ value }) => value)).toEqual([20])
})

it('goes on showing what comes in when the clock was corrected backwards', () => {
  const { ingest, say, believe, mono } = bench()
  say(T0, T0, 20)
  say(T0 + 86_400_000, T0 + 86_400_000, 20)
  believe(T0 - mono())
  ingest.step({ byMs: -86_400_000, wrong: { fromT: T0 + 1, toT: T0 + 86_400_000 } })
  expect(ingest.latest().map(({ t }) => t)).toEqual([T0])
  say(T0, T0, 30)
  expect(ingest.latest().map(({ value }) => value)).toEqual([30])
})

describe('the time of a sample', () => {
  it('of a sender on this machine goes by the time since the boot, whatever its wall clock says', () => {
    const { send, times, late, runTo } = bench()
    runTo(T0 + 10_000)
    send({ t: 0, boot: BOOT, mono: 1_009_500, values })
    send({ t: T0 + YEAR, boot: BOOT, mono: 1_009_600, values })
    send({ t: T0, boot: BOOT, mono: 700_000, values })
    expect(times()).toEqual([
      [9_500, 'ours'],
      [9_600, 'ours'],
      [-300_000, 'ours'],
    ])
    expect(late).toEqual([false, false, true])
  })

  it('of another machine is its own, and counts back from the arrival where that cannot be', () => {
    const { send, times, counters } = bench()
    const boot = '00000000000000c0'
    send({ t: T0 - 500, boot, mono: 5_000, values })
    send([
      { t: 1_000, boot, mono: 3_000, values },
      { t: T0 + YEAR, boot, mono: 5_100, values },
    ])
    expect(times()).toEqual([
      [-500, 'theirs'],
      [-2_000, 'ours'],
      [100, 'ours'],
    ])
    expect(counters.values()['ingest.restamped']).toBe(2)
  })

  it('of a device without a boot counts back by its own wrong clock', () => {
    const { send, times } = bench()
    send([
      { t: 60_000, values },
      { t: 90_000, values },
    ])
    expect(times()).toEqual([
      [-30_000, 'ours'],
      [0, 'ours'],
    ])
  })

  it('of another date counts only while this node does not know the time itself', () => {
    for (const [isKnown, expected] of [
      [true, [-YEAR, 'theirs']],
      [false, [0, 'ours']],
    ] as const) {
      const { send, times } = bench({ isKnown })
      send({ t: T0 - YEAR, values })
      expect(times()).toEqual([expected])
    }
  })

  it('stays the same when a message comes twice', () => {
    const { send, times, runTo } = bench()
    const message = { t: 5_000, values }
    send(message)
    runTo(T0 + 700)
    send(message)
    expect(times()[0]).toEqual(times()[1])
  })

  it('of a block that comes at once is about now', () => {
    const { ingest, times } = bench()
    ingest.message({ kind: 'block', house: 'h1', device: 's' }, 'any', Buffer.from('{}'), () => {})
    expect(times()).toEqual([[0, 'ours']])
  })
})
