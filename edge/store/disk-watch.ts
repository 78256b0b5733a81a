import { type AlarmEvent, alarmId } from '#domain/alarm.ts'
import type { Room } from './room.ts'

/** The disk has room for a few more days without a line; then single readings become means of an hour. */
export const DISK_RULE = 'disk-filling'

/** Days that are too few, and days that are enough again. */
const RAISE_BELOW_DAYS = 5
const CLEAR_ABOVE_DAYS = 7

export type DiskWatchDeps = {
  /** An alarm of an earlier life that is still open. */
  open: AlarmEvent | undefined
  now(): number
  room(): Room | undefined
  onAlarm(event: AlarmEvent): void
}

/** Raises the alarm before anything has to go, while there is time to bring the line back or a larger disk. */
export function createDiskWatch({ open, now, room, onAlarm }: DiskWatchDeps): { look(): void } {
  let alarm = open
  return {
    look() {
      const daysLeft = room()?.daysLeft
      if (daysLeft === undefined) return
      const t = now()
      const value = Math.round(daysLeft * 10) / 10
      if (!alarm && daysLeft < RAISE_BELOW_DAYS) {
        alarm = {
          alarm: alarmId('', 'edge', DISK_RULE, t),
          ...{ action: 'raised', t, since: t, house: '', device: 'edge', rule: DISK_RULE, metric: '' },
          ...{ severity: 'warning', value, limit: RAISE_BELOW_DAYS, late: false },
        }
        onAlarm(alarm)
      } else if (alarm && daysLeft > CLEAR_ABOVE_DAYS) {
        onAlarm({ ...alarm, action: 'cleared', t, value })
        alarm = undefined
      }
    },
  }
}
