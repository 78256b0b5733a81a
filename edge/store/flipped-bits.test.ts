import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import type { Reading } from '#domain/reading.ts'
import type { EdgeStore } from './edge-store.ts'
import { openStore } from './open-store.ts'

const T0 = Date.UTC(2026, 5, 1)
const reading: Reading = {
  series: { house: 'h1', device: 'd1', metric: 'bird.weight', source: 'model', by: 'm@1' },
  ...{ t: T0, value: 2_000, quality: 'estimated', detail: { n: 3, low: 1_900, high: 2_100 } },
}
const event = (alarm: string): AlarmEvent => ({
  ...{ alarm, action: 'raised', t: T0, since: T0, house: 'h1', device: 'd1' },
  ...{ rule: 'hot', metric: 'air.temperature', severity: 'critical', value: 40, limit: 36, late: false },
})

let dir: string
let store: EdgeStore
const damaged: string[] = []
const open = () => {
  store = openStore(dir, { now: T0, onDamaged: (what) => damaged.push(what) }).store
}
/** Stores, seals, closes, changes a row as a bit that flipped would, and opens again. */
const flip = async (sql: string) => {
  store.commit({ readings: [reading], events: [event('a'), event('b')] })
  while ((await store.tidy({ sealAll: true })) === 'more');
  store.close()
  const database = new DatabaseSync(join(dir, 'edge.db'))
  expect(database.prepare(sql).run().changes).toBe(1)
  database.close()
  open()
}
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flockwise-bits-'))
  damaged.length = 0
  open()
})
afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('a bit that flipped', () => {
  it('in the newest of a series: it is read from its piece', async () => {
    await flip("UPDATE newest SET detail = replace(detail, '{', 'z')")
    expect(store.latest('h1')).toEqual([reading])
  })

  it.each([
    ['no JSON', "replace(body, '{', 'z')"],
    ['no event', "replace(body, 'raised', 'raisee')"],
  ])('in an alarm on its way (%s): the others go on, it is set aside and told once', async (_, changed) => {
    await flip(`UPDATE alarm_event SET body = ${changed} WHERE alarm = 'a'`)
    for (let n = 0; n < 2; n++) expect(store.eventsAfter(0, 1)).toEqual([{ number: 2, event: event('b') }])
    expect(store.setAsideNumbers('alarms')).toEqual([1])
    expect(damaged).toEqual(['alarm event 1 cannot be read'])
    store.moveEvents({ fromT: T0, toT: T0, byMs: 5 })
    expect(store.eventsAfter(0, 10).map((one) => one.event.t)).toEqual([T0 + 5])
  })

  it('in an open alarm: it stays open by the event that raised it', async () => {
    await flip("UPDATE open_alarm SET body = replace(body, '{', 'z') WHERE alarm = 'a'")
    expect(store.openAlarms()).toEqual([event('a'), event('b')])
    expect(damaged).toEqual([])
  })
})
