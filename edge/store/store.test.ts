import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { Reading } from '#domain/reading.ts'
import { markDamaged, openStore } from './open-store.ts'

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
    const { store } = openStore(dir, T0)
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
    const first = openStore(dir, T0).store
    first.commit({ readings: [], events: [event('raised'), event('raised', true), event('cleared', true)] })
    first.setNote('watermark.readings', '17')
    first.close()
    const second = openStore(dir, T0).store
    expect(second.openAlarms().map(({ alarm }) => alarm)).toEqual(['h1|d1|air-hot|1'])
    expect(second.epoch).toBe(first.epoch)
    expect(second.note('watermark.readings')).toBe('17')
    second.close()
  })

  it.each([
    [
      'of another kind',
      (file: string) => writeFileSync(file, 'not a database, but long enough to be one'.repeat(50)),
    ],
    ['found damaged while in use', () => markDamaged(dir)],
  ])('sets a file %s aside and starts a new epoch, once', (_, damage) => {
    const first = openStore(dir, T0).store
    first.commit({ readings: [reading(T0)], events: [] })
    first.close()
    damage(join(dir, 'edge.db'))
    const second = openStore(dir, T0)
    expect(second.setAside).toContain('edge.db.damaged-2026-06-01T00-00-00-000Z')
    expect(second.store.epoch).not.toBe(first.epoch)
    expect(second.store.lastNumber('readings')).toBe(0)
    expect(readdirSync(dir).some((file) => file.startsWith('edge.db.damaged-'))).toBe(true)
    second.store.close()
    const third = openStore(dir, T0)
    expect(third.setAside).toBeUndefined()
    third.store.close()
  })
})
