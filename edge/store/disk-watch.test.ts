import { expect, it } from 'vitest'
import type { AlarmEvent } from '#domain/alarm.ts'
import { createDiskWatch } from './disk-watch.ts'

it('warns while there is time, once, and takes it back when there is room again', () => {
  const told: AlarmEvent[] = []
  let daysLeft: number | undefined
  const watch = createDiskWatch({
    open: undefined,
    now: () => 1000,
    room: () => ({ usedBytes: 0, leftBytes: 0, keptSince: 0, bytesPerDay: 1, daysLeft }),
    onAlarm: (event) => told.push(event),
  })
  for (const days of [undefined, 30, 5.1, 4.9, 2, 6.9, 7.1, 3]) {
    daysLeft = days
    watch.look()
  }
  expect(told.map(({ action, value, severity }) => [action, value, severity])).toEqual([
    ['raised', 4.9, 'warning'],
    ['cleared', 7.1, 'warning'],
    ['raised', 3, 'warning'],
  ])
})

it('takes back an alarm of an earlier life', () => {
  const told: AlarmEvent[] = []
  const room = () => ({ usedBytes: 0, leftBytes: 0, keptSince: 0, bytesPerDay: 1, daysLeft: 40 })
  const deps = { now: () => 2000, room, onAlarm: (event: AlarmEvent) => told.push(event) }
  const open = { ...event, action: 'raised' as const }
  createDiskWatch({ ...deps, open }).look()
  expect(told).toEqual([{ ...event, action: 'cleared', t: 2000, value: 40 }])
})

const event: Omit<AlarmEvent, 'action'> = {
  ...{ alarm: '|edge|disk-filling|1000', t: 1000, since: 1000, house: '', device: 'edge' },
  ...{ rule: 'disk-filling', metric: '', severity: 'warning', value: 3, limit: 5, late: false },
}
