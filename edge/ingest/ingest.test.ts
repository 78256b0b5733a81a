import { expect, it } from 'vitest'
import { createCounters } from '../counters.ts'
import { createSeriesTable } from '../series-table.ts'
import { nodeConfig } from '../test/node-config.ts'
import { createDevices } from './devices.ts'
import { createGroupCommit } from './group-commit.ts'
import { createIngest } from './ingest.ts'

const T0 = Date.UTC(2026, 5, 1)

function bench() {
  let now = T0
  const counters = createCounters(
    () => {},
    () => 0,
  )
  const ingest = createIngest({
    table: createSeriesTable(),
    clock: { now: () => now, monotonic: () => now },
    counters,
    commit: createGroupCommit({
      commit: () => {},
      schedule: () => {},
      onFailed: () => {},
      onDropped: () => {},
    }),
    devices: createDevices(nodeConfig('/')),
    known: [],
    onReading: () => {},
    onBlock: () => [],
    onFrame: () => [],
  })
  return {
    ingest,
    say(at: number, t: number, value: number) {
      now = at
      const payload = Buffer.from(JSON.stringify({ t, values: { 'air.temperature': value } }))
      ingest.message({ kind: 'readings', house: 'h1', device: 'air-1' }, 'any', payload, () => {})
    },
  }
}

it('shows the newest reading of a series, whatever a backlog brings after it', () => {
  const { ingest, say } = bench()
  say(T0, T0, 20)
  say(T0, T0 - 3_600_000, 15)
  expect(ingest.latest().map(({ value }) => value)).toEqual([20])
})

it('goes on showing what comes in when the clock was set back', () => {
  const { ingest, say } = bench()
  say(T0 + 86_400_000, T0 + 86_400_000, 20)
  say(T0, T0, 30)
  expect(ingest.latest().map(({ value }) => value)).toEqual([30])
  say(T0 + 1_000, T0 + 1_000, 31)
  expect(ingest.latest().map(({ value }) => value)).toEqual([31])
})
