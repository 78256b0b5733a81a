import type { AlarmView, HouseView, LatestValue, LiveEvent, Overview } from '#domain/api/farm.ts'
import { byUrgency, isPending } from '../values/house-order.ts'
import type { State } from './state.ts'

type Known = Pick<State, 'overview' | 'alarms' | 'thermal' | 'changed'>

/** What is known after an event of the live stream. Nothing is changed in place. */
export function applyEvent(known: Known, event: LiveEvent): Known {
  const { overview } = known
  switch (event.kind) {
    case 'values':
      return {
        ...known,
        overview: overview && inHouse(overview, event.house, (house) => withValues(house, event.values)),
      }
    case 'alarm':
      return {
        ...known,
        alarms: known.alarms && replaceById(known.alarms, event.alarm),
        overview: overview && inHouse(overview, event.alarm.house, (house) => withAlarm(house, event.alarm)),
      }
    case 'edge':
      return {
        ...known,
        overview: overview && { ...overview, edges: replaceById(overview.edges, event.edge) },
      }
    case 'thermal':
      return {
        ...known,
        thermal: { ...known.thermal, [`${event.house}|${event.frame.device}`]: event.frame },
      }
    case 'changed':
      return { ...known, changed: { ...known.changed, [event.house]: (known.changed[event.house] ?? 0) + 1 } }
  }
}

function inHouse(overview: Overview, id: string, change: (house: HouseView) => HouseView): Overview {
  return { ...overview, houses: overview.houses.map((house) => (house.id === id ? change(house) : house)) }
}

/** A value never goes back in time: a stream that was opened anew may repeat itself. */
function withValues(house: HouseView, values: readonly LatestValue[]): HouseView {
  const latest = new Map(house.latest.map((value) => [seriesOf(value), value]))
  for (const value of values) {
    const before = latest.get(seriesOf(value))
    if (!before || before.t <= value.t) latest.set(seriesOf(value), value)
  }
  return { ...house, latest: [...latest.values()] }
}

function withAlarm(house: HouseView, alarm: AlarmView): HouseView {
  return { ...house, alarms: replaceById(house.alarms, alarm).filter(isPending).sort(byUrgency) }
}

function replaceById<T extends { id: string }>(items: readonly T[], item: T): T[] {
  return items.some(({ id }) => id === item.id)
    ? items.map((other) => (other.id === item.id ? item : other))
    : [item, ...items]
}

function seriesOf({ device, metric, by }: LatestValue): string {
  return `${device}|${metric}|${by}`
}
