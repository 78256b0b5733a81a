import type { AlarmView, EdgeView, HouseView } from '#domain/api/farm.ts'
import { severities } from '#domain/rules/rule.ts'
import { STALE_AFTER_MS } from './age.ts'
import { pickValue, temperatureBadness } from './pick-value.ts'

export type Need = 'now' | 'look' | 'unknown' | 'fine'
/** Worst first. */
const needs: readonly Need[] = ['now', 'unknown', 'look', 'fine']

export function isOpen({ state, clearedAt }: AlarmView): boolean {
  return state !== 'normal' && clearedAt === null
}

/** Open, or over without anybody having said that they know. */
export function isPending(alarm: AlarmView): boolean {
  return alarm.state !== 'normal'
}

/** Alarms that concern no single house, worst first: a box that is silent. */
export function farmAlarms(alarms: readonly AlarmView[] | undefined): AlarmView[] {
  return (alarms ?? []).filter((alarm) => alarm.house === '' && isPending(alarm)).sort(byUrgency)
}

/** Worst first: what still holds, then what nobody has seen, then severity, then the longest. */
export function byUrgency(a: AlarmView, b: AlarmView): number {
  return (
    Number(isOpen(b)) - Number(isOpen(a)) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    Number(a.state === 'acknowledged') - Number(b.state === 'acknowledged') ||
    a.since - b.since
  )
}

/** Whether a house needs somebody. A house that sends nothing is unknown, never fine. */
export function needOf(house: HouseView, now: number): Need {
  const open = house.alarms.filter(isOpen)
  if (open.some(({ severity }) => severity === 'critical')) return 'now'
  const newest = house.latest.reduce((t, value) => Math.max(t, value.t), 0)
  if (now - newest > STALE_AFTER_MS) return 'unknown'
  return open.some(({ severity }) => severity === 'warning') ? 'look' : 'fine'
}

/** A temperature this far from its target, °C, is worth a look. */
export const FAR_C = 3

/** Houses, worst first; among equals unacknowledged alarms, then those far from their target, then by id. */
export function sortWorstFirst(houses: readonly HouseView[], now: number): HouseView[] {
  const ranked = houses.map((house) => {
    const target = house.flock?.targetTemperatureC
    const temperature = pickValue(house.latest, 'air.temperature', now, temperatureBadness(target))?.value
      .value
    return {
      house,
      need: needs.indexOf(needOf(house, now)),
      unseen: house.alarms.filter(({ state }) => state === 'unacknowledged').length,
      // Coarse steps: neighbours must not change places with every breath of air.
      off:
        typeof target === 'number' && temperature !== undefined
          ? Math.floor(Math.abs(temperature - target) / FAR_C)
          : 0,
    }
  })
  ranked.sort(
    (a, b) =>
      a.need - b.need ||
      b.unseen - a.unseen ||
      b.off - a.off ||
      // Not by name: 二 sorts before 一 by its sound.
      a.house.id.localeCompare(b.house.id, undefined, { numeric: true }),
  )
  return ranked.map(({ house }) => house)
}

/** The edge that serves a house: the one that has its devices. With a single edge on the farm, that one. */
export function edgeOf(house: HouseView, edges: readonly EdgeView[]): EdgeView | undefined {
  const devices = new Set(house.latest.map(({ device }) => device))
  const serving = edges.find((edge) => Object.keys(edge.devices).some((device) => devices.has(device)))
  return serving ?? (edges.length === 1 ? edges[0] : undefined)
}
