import { type AlarmEvent, alarmId } from '#domain/alarm.ts'
import type { AlarmView } from '#domain/api/farm.ts'
import { SIGN_OF_LIFE_MS } from '#domain/sync.ts'
import { type Clock, MINUTE } from '#domain/time.ts'
import type { Presence } from '../edges/presence.ts'
import type { Edge, Registry } from '../registry/port.ts'

/** How long after its due time an edge may keep silent. */
export const SILENCE_MS = 2 * MINUTE
const RULE = 'edge-silent'

/**
 * The cloud's own rule: an edge that says nothing is an alarm, since nobody would hear its alarms. It is
 * cleared by the edge's next word. After a start of the service the silence counts from the start: we did not
 * listen before.
 */
export type SilenceJudge = {
  /** Looks at all edges once; returns the alarms that changed, by farm. */
  look(): Promise<Map<string, AlarmView[]>>
}

export function createSilenceJudge(registry: Registry, presence: Presence, clock: Clock): SilenceJudge {
  const judgeFarm = async (farm: string, edges: readonly Edge[]): Promise<AlarmView[]> => {
    const open = (await registry.alarms.open(farm)).filter(
      ({ rule, clearedAt }) => rule === RULE && clearedAt === null,
    )
    const events = edges.flatMap((edge): AlarmEvent[] => {
      const { agoMs, at, heard } = presence.lastSign(edge)
      const alarm = open.find(({ device }) => device === edge.id)
      const isSilent = agoMs > SIGN_OF_LIFE_MS + SILENCE_MS
      if (isSilent && !alarm) return [eventOf(edge, 'raised', at + SIGN_OF_LIFE_MS, clock.now(), agoMs)]
      // No word since the start is no recovery either: an alarm of an earlier life stays open until one comes.
      return !isSilent && alarm && heard ? [eventOf(edge, 'cleared', alarm.since, at, agoMs)] : []
    })
    return events.length > 0 ? registry.alarms.apply(farm, events, clock.now()) : []
  }

  return {
    async look() {
      const byFarm = Map.groupBy(await registry.edges.all(), ({ farm }) => farm)
      const changed = new Map<string, AlarmView[]>()
      for (const [farm, edges] of byFarm) {
        const alarms = await judgeFarm(farm, edges)
        if (alarms.length > 0) changed.set(farm, alarms)
      }
      return changed
    },
  }
}

function eventOf(
  { id }: Edge,
  action: 'raised' | 'cleared',
  since: number,
  t: number,
  agoMs: number,
): AlarmEvent {
  return {
    alarm: alarmId('', id, RULE, since),
    ...{ action, t, since, house: '', device: id, rule: RULE, metric: '' },
    severity: 'critical',
    /** Seconds of silence, against those allowed. */
    value: Math.round(agoMs / 1000),
    limit: (SIGN_OF_LIFE_MS + SILENCE_MS) / 1000,
    late: false,
  }
}
