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
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { Reading } from '#domain/reading.ts'
import { createGroupCommit } from '../ingest/group-commit.ts'
import type { EdgeStore } from './edge-store.ts'
import { openStore } from './open-store.ts'

let dir: string
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

/** Times of what is numbered above `number`. */
const timesAfter = (store: EdgeStore, number: number): number[] => {
  const { body } = store.readingsAfter(number, 1_000_000) ?? {}
  return body?.kind === 'fresh' ? body.runs.flatMap(({ t }) => t) : []
}

/** 20,000 readings of one sealed piece that does not pack well, and the file that holds it. */
const sealedIn = async (store: EdgeStore): Promise<{ bytes: Buffer; file: string }> => {
  const readings = Array.from({ length: 20_000 }, (_, n) => reading(T0 + n, ((n * n * 7919) % 100_003) / 10))
  store.commit({ readings, events: [] })
  expect(await store.tidy({ sealAll: false })).toBe('done')
  const { body } = store.readingsAfter(0, 1) ?? {}
  if (body?.kind !== 'sealed') throw new Error('it was not sealed')
  return { bytes: Buffer.from(body.bytes), file: join(dir, 'edge.db') }
}

describe('edge store', () => {
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'flockwise-edge-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('numbers both lanes without a gap, also where something comes twice', () => {
    const { store } = openStore(dir, { now: T0 })
    store.commit({ readings: [reading(T0), reading(T0), reading(T0 + 1)], events: [event('raised')] })
    store.commit({ readings: [reading(T0)], events: [event('raised'), event('cleared')] })
    store.commit({ readings: [reading(T0 + 2)], events: [] })
    expect(store.readingsAfter(0, 10)).toMatchObject({ from: 1, to: 3, count: 3 })
    expect(timesAfter(store, 0)).toEqual([T0, T0 + 1, T0 + 2])
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
    // Many groups, so that the file is full to its end.
    for (let n = 0; n < 200; n++) {
      first.commit({
        readings: Array.from({ length: 5 }, (_, index) => reading(T0 + 5 * n + index)),
        events: [],
      })
    }
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

  it('opens without reading all of it, and sets aside at the next start what it finds damaged later', async () => {
    const first = openStore(dir, { now: T0 }).store
    const { bytes, file } = await sealedIn(first)
    first.close()
    const whole = readFileSync(file)
    // In the middle of the body: a page of its own, which begins with the number of the next.
    const page = Math.floor(whole.indexOf(bytes.subarray(9_000, 9_100)) / 4096)
    writeFileSync(file, whole.fill(0xff, 4096 * page, 4096 * (page + 1)))
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

  it('goes on without a sealed piece in which a bit has flipped, and accounts for its readings', async () => {
    const first = openStore(dir, { now: T0 }).store
    const { bytes, file } = await sealedIn(first)
    first.commit({ readings: [reading(T0 - 1), reading(T0 + 50_000)], events: [] })
    first.close()
    const whole = readFileSync(file)
    const at = whole.indexOf(bytes.subarray(9_000, 9_100)) + 50
    whole[at] = (whole[at] as number) ^ 4
    writeFileSync(file, whole)
    const told: [string, number][] = []
    const second = openStore(dir, { now: T0, onDamaged: (...what) => told.push(what) })
    expect(second.setAside).toBeUndefined()
    const { store } = second
    for (let round = 0; round < 2; round++) {
      expect(store.readingsAfter(0, 10)).toMatchObject({ from: 1, to: 20_000, damaged: 20_000, count: 0 })
    }
    expect(store.readingsAfter(20_000, 10)).toMatchObject({ from: 20_001, damaged: 0, count: 2 })
    const { series } = reading(T0)
    expect(store.readingsBetween(series, 0, T0 + 60_000).map(({ t }) => t)).toEqual([T0 - 1, T0 + 50_000])
    expect(store.commit({ readings: [reading(T0 + 5), reading(T0 - 1)], events: [] }).stored).toBe(1)
    expect(told).toEqual([[expect.stringContaining('numbers 1 to 20000'), 20_000]])
    store.close()
  })

  it('accounts for a group in which a bit has flipped, also once it is sealed', async () => {
    const first = openStore(dir, { now: T0 }).store
    for (let n = 0; n < 3; n++) first.commit({ readings: [reading(T0 + n, 20 + n)], events: [] })
    first.close()
    const file = new DatabaseSync(join(dir, 'edge.db'))
    const body = file.prepare('SELECT body FROM fresh WHERE first = 2').get()?.['body'] as Uint8Array
    body[2] = (body[2] as number) ^ 4
    file.prepare('UPDATE fresh SET body = ? WHERE first = 2').run(body)
    file.close()
    const told: [string, number][] = []
    const { store } = openStore(dir, { now: T0, onDamaged: (...what) => told.push(what) })
    expect(store.readingsAfter(0, 10)).toMatchObject({ from: 1, to: 3, count: 2, damaged: 1 })
    while ((await store.tidy({ sealAll: true })) === 'more');
    expect(store.readingsAfter(0, 10)).toMatchObject({ from: 1, to: 3, count: 2, damaged: 1 })
    expect(told).toEqual([[expect.stringContaining('numbers 2 to 2'), 1]])
    store.close()
  })

  it('sets a file of before the first release aside, and says which it is', () => {
    const file = new DatabaseSync(join(dir, 'edge.db'))
    file.exec(`CREATE TABLE series (id INTEGER PRIMARY KEY, house TEXT);
      CREATE TABLE reading (number INTEGER PRIMARY KEY, series INTEGER, t INTEGER, v INTEGER);
      CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
      CREATE TABLE alarm_event (number INTEGER PRIMARY KEY, alarm TEXT);
      INSERT INTO reading VALUES (1, 1, 1, 1);
      PRAGMA user_version = 2`)
    file.close()
    const { store, setAside } = openStore(dir, { now: T0 })
    expect(setAside).toContain('edge.db.former-2026-06-01')
    expect(store.commit({ readings: [reading(T0)], events: [event('raised')] }).stored).toBe(1)
    store.close()
  })

  it('has a reading on disk at the moment it is said to be stored', () => {
    const { store } = openStore(join(dir, 'a'), { now: T0 })
    const commit = createGroupCommit({
      commit: (group) => store.commit(group),
      schedule: (work) => work(),
      nextTurn: (work) => work(),
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
        copied.push(...timesAfter(other, n - 1))
        other.close()
      })
    }
    expect(copied).toEqual([T0 + 1, T0 + 2, T0 + 3])
    store.close()
  })
})
