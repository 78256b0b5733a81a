import type { AlarmView } from '#domain/api/farm.ts'
import { type Clock, LATE_AFTER_MS } from '#domain/time.ts'

/**
 * Alarms on their way to those who watch. After a long cut the lane of an edge tells of what began hours ago, and
 * its end may stand in the very next batch: such a beginning is held back for a moment, so that history rings no
 * telephone. An alarm that is history (`late`) is not shown at all.
 */
export type LateAlarms = {
  show(farm: string, alarm: AlarmView): void
  close(): void
}

type Options = { clock: Clock; holdMs: number; show(farm: string, alarm: AlarmView): void }

export function createLateAlarms({ clock, holdMs, show }: Options): LateAlarms {
  const held = new Map<string, NodeJS.Timeout>()
  const isHeldBack = ({ state, raisedAt, receivedAt }: AlarmView) =>
    state === 'unacknowledged' && receivedAt - raisedAt > LATE_AFTER_MS && clock.now() - receivedAt < holdMs

  return {
    show(farm, alarm) {
      const key = `${farm}/${alarm.id}`
      clearTimeout(held.get(key))
      held.delete(key)
      if (alarm.late) return
      if (!isHeldBack(alarm)) return show(farm, alarm)
      const later = () => {
        held.delete(key)
        show(farm, alarm)
      }
      held.set(key, setTimeout(later, holdMs))
    },
    close() {
      for (const timer of held.values()) clearTimeout(timer)
    },
  }
}
