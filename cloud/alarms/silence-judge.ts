import { type AlarmEvent, alarmId } from '#domain/alarm.ts'
import type { AlarmView } from '#domain/api/farm.ts'
import { SIGN_OF_LIFE_MS } from '#domain/sync.ts'
import { type Clock, MINUTE, SECOND } from '#domain/time.ts'
import { GAP_MS, type Presence } from '../edges/presence.ts'
import type { Edge, Registry } from '../registry/port.ts'

/** It is over when the edge is heard again after so long: one word, or several in a burst, is no recovery. */
const STEADY_MS = 45 * SECOND
/** Silence that returns within this after its end is the same alarm, not one more. */
const SAME_WITHIN_MS = 15 * MINUTE
const RULE = 'edge-silent'

/**
 * The cloud's own rule: an edge that says nothing for three minutes is an alarm, since nobody would hear its alarms. It is
 * cleared when it is heard steadily again, about a minute later. After a start of the service the silence counts from the start: we
 * did not listen before.
 */
export type SilenceJudge = {
  /** Looks at all edges once; returns the alarms that changed, by farm. */
  look(): Promise<Map<string, AlarmView[]>>
  /** Closes the alarm of an edge that is none any more, as known to who took it away. Returns what changed. */
  close(farm: string, edge: string, by: string): Promise<AlarmView[]>
}

export function createSilenceJudge(registry: Registry, presence: Presence, clock: Clock): SilenceJudge {
  const pending = async (farm: string) =>
    (await registry.alarms.open(farm, '')).filter(({ rule }) => rule === RULE)

  /** An alarm of this edge that ended so lately that this is the same silence. */
  const lately = async ({ farm, id }: Edge) => {
    const ended = await registry.alarms.find(farm, { house: '', limit: 1000 })
    const earliest = clock.now() - SAME_WITHIN_MS
    return ended.find(
      ({ rule, device, clearedAt }) =>
        rule === RULE && device === id && clearedAt !== null && clearedAt >= earliest,
    )
  }

  const judge = async (edge: Edge, alarm: AlarmView | undefined): Promise<AlarmEvent[]> => {
    const { agoMs, at } = presence.lastSign(edge)
    if (!alarm) {
      if (agoMs <= GAP_MS) return []
      const since = (await lately(edge))?.since ?? at + SIGN_OF_LIFE_MS
      return [eventOf(edge.id, 'raised', since, clock.now(), agoMs)]
    }
    const isOver = presence.steadyMs(edge) >= STEADY_MS
    return isOver ? [eventOf(edge.id, 'cleared', alarm.since, at, agoMs)] : []
  }

  const judgeFarm = async (farm: string, edges: readonly Edge[]): Promise<AlarmView[]> => {
    const open = (await pending(farm)).filter(({ clearedAt }) => clearedAt === null)
    const judged = edges.map((edge) =>
      judge(
        edge,
        open.find(({ device }) => device === edge.id),
      ),
    )
    const events = (await Promise.all(judged)).flat()
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
    async close(farm, edge, by) {
      const changed = []
      for (const { id, device, since } of await pending(farm)) {
        if (device !== edge) continue
        const now = clock.now()
        const acknowledged = await registry.alarms.acknowledge(farm, id, { name: by, now })
        const cleared = await registry.alarms.apply(farm, [eventOf(edge, 'cleared', since, now, null)], now)
        const last = cleared.at(-1) ?? acknowledged?.alarm
        if (last) changed.push(last)
      }
      return changed
    },
  }
}

function eventOf(
  edge: string,
  action: 'raised' | 'cleared',
  since: number,
  t: number,
  agoMs: number | null,
): AlarmEvent {
  return {
    alarm: alarmId('', edge, RULE, since),
    ...{ action, t, since, house: '', device: edge, rule: RULE, metric: '' },
    severity: 'critical',
    /** Seconds of silence, against those allowed. */
    value: agoMs === null ? null : Math.round(agoMs / 1000),
    limit: GAP_MS / 1000,
    late: false,
  }
}
