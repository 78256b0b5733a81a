import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { Reading } from '#domain/reading.ts'
import { createGroupCommit } from '../ingest/group-commit.ts'
import { openStore } from './open-store.ts'

const T0 = Date.UTC(2026, 5, 1)
const reading = (t: number, value = 20): Reading => ({
  series: { house: 'h1', device: 'd1', metric: 'air.temperature', source: 'sensor', by: '' },
  t,
  value,
  quality: 'good',
})
const event = (action: AlarmEvent['action'], late = false): AlarmEvent => ({
  alarm: `h1|d1|air-hot|${late ? 2 : 1}`,
  action,
  t: T0,
  house: 'h1',
  device: 'd1',
  rule: 'air-hot',
  metric: 'air.temperature',
  severity: 'critical',
  since: T0,
  value: 36,
  limit: 35,
  late,
})

describe('edge store', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'flockwise-edge-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('numbers both lanes without a gap, also where something comes twice', () => {
    const { store } = openStore(dir, { now: T0 })
    store.commit({ readings: [reading(T0), reading(T0), reading(T0 + 1)], events: [event('raised')] })
    store.commit({ readings: [reading(T0)], events: [event('raised'), event('cleared')] })
    store.commit({ readings: [reading(T0 + 2)], events: [] })
    expect(store.readingsAfter(0, 10).map(({ number }) => number)).toEqual([1, 2, 3])
    expect(store.eventsAfter(0, 10).map(({ number, event: { action } }) => [number, action])).toEqual([
      [1, 'raised'],
      [2, 'cleared'],
    ])
    store.close()
  })

  it('knows after a restart which alarms are open, its epoch and its notes', () => {
    const first = openStore(dir, { now: T0 }).store
    first.commit({ readings: [], events: [event('raised'), event('raised', true), event('cleared', true)] })
    first.setNote('watermark.readings', '17')
    first.close()
    const second = openStore(dir, { now: T0 }).store
    expect(second.openAlarms().map(({ alarm }) => alarm)).toEqual(['h1|d1|air-hot|1'])
    expect(second.epoch('alarms')).toBe(first.epoch('alarms'))
    expect(second.note('watermark.readings')).toBe('17')
    second.close()
  })

  it.each([
    ['of another kind', () => 'not a database, but long enough to be one'.repeat(50)],
    ['with a damaged header', (bytes: Buffer) => Buffer.from(bytes).fill(0xff, 0, 60)],
    ['cut in the middle', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['cut within a page', (bytes: Buffer) => bytes.subarray(0, bytes.length - 100)],
  ])('sets a file %s aside at once and starts a new epoch, once', (_, damage) => {
    const first = openStore(dir, { now: T0 }).store
    first.commit({ readings: Array.from({ length: 1000 }, (_, t) => reading(T0 + t)), events: [] })
    first.close()
    const file = join(dir, 'edge.db')
    writeFileSync(file, damage(readFileSync(file)))
    const second = openStore(dir, { now: T0 })
    expect(second.setAside).toContain('edge.db.damaged-2026-06-01T00-00-00-000Z')
    expect(second.store.epoch('readings')).not.toBe(first.epoch('readings'))
    expect(second.store.lastNumber('readings')).toBe(0)
    second.store.commit({ readings: [reading(T0)], events: [] })
    second.store.close()
    expect(readdirSync(dir).some((name) => name.startsWith('edge.db.damaged-'))).toBe(true)
    const third = openStore(dir, { now: T0 })
    expect(third.setAside).toBeUndefined()
    expect(third.store.epoch('readings')).toBe(second.store.epoch('readings'))
    third.store.close()
  })

  it('opens without reading all of it, and sets aside at the next start what it finds damaged later', () => {
    const first = openStore(dir, { now: T0 }).store
    first.commit({ readings: Array.from({ length: 20_000 }, (_, t) => reading(T0 + t)), events: [] })
    first.close()
    const file = join(dir, 'edge.db')
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0xff, 4096 * 40, 4096 * 60))
    writeFileSync(join(dir, 'edge.db.in-use'), '')
    const told: string[] = []
    const second = openStore(dir, { now: T0, onStale: (why) => told.push(why) })
    expect(second.setAside).toBeUndefined()
    expect(second.store.lastNumber('readings')).toBe(20_000)
    for (let round = 0; round < 2; round++) {
      expect(() => second.store.readingsAfter(0, 20_000)).toThrow('malformed')
    }
    expect(told).toEqual(['the database is damaged: the next start sets it aside'])
    second.store.close()
    const third = openStore(dir, { now: T0 })
    expect(third.setAside).toContain('edge.db.damaged-')
    third.store.close()
    const fourth = openStore(dir, { now: T0 })
    expect(fourth.setAside).toBeUndefined()
    fourth.store.close()
  })

  it('has a reading on disk at the moment it is said to be stored', () => {
    const { store } = openStore(join(dir, 'a'), { now: T0 })
    const commit = createGroupCommit({
      commit: (group) => store.commit(group),
      schedule: (work) => work(),
      onFailed: (error) => {
        throw error
      },
      onDropped: () => {},
    })
    const copied: number[] = []
    for (let n = 1; n <= 3; n++) {
      commit.add([reading(T0 + n)], [], () => {
        // What a power cut would leave: the file and its log, not the shared memory.
        const copy = join(dir, `copy-${n}`)
        mkdirSync(copy)
        for (const name of ['edge.db', 'edge.db-wal']) {
          copyFileSync(join(dir, 'a', name), join(copy, name))
        }
        const { store: other } = openStore(copy, { now: T0 })
        copied.push(...other.readingsAfter(n - 1, 10).map(({ reading: { t } }) => t))
        other.close()
      })
    }
    expect(copied).toEqual([T0 + 1, T0 + 2, T0 + 3])
    store.close()
  })
})
