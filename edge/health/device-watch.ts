import type { NodeConfig } from '#domain/config.ts'
import type { MetricId } from '#domain/metrics.ts'
import type { Reading, Series } from '#domain/reading.ts'
import type { Rule } from '#domain/rules/rule.ts'
import { canStick, extendRun, isStuck, type Run, shiftRun } from '#domain/stuck.ts'
import { HOUR, MINUTE, SECOND } from '#domain/time.ts'
import type { DeviceHealth } from '#domain/topics.ts'
import type { ClockStep } from '../clock/edge-clock.ts'
import type { SeriesTable } from '../series-table.ts'

/** Watches over the devices themselves: how often they speak, whether they fell silent or hang at one number. */
export type DeviceWatch = {
  /** A live reading of any device. */
  take(reading: Reading): void
  /** What changed since the last call, as readings of `device.silent` and `device.stuck`. Call about once a second. */
  tick(now: number, health: Readonly<Record<string, DeviceHealth>>): Reading[]
  /** The same health with what is found here. */
  describe(health: Readonly<Record<string, DeviceHealth>>): Record<string, DeviceHealth>
  /** The edge's clock was corrected: a pause or a run of one number is as long as if it had always been right. */
  step(step: ClockStep): void
}

export type DeviceWatchDeps = {
  config: NodeConfig
  rules: readonly Rule[]
  table: SeriesTable
  /** The newest readings of an earlier life. */
  known: readonly Reading[]
  /** UTC ms. */
  startedAt: number
  /** A device that speaks MQTT itself is there, though it may have nothing to say. */
  isPresent(device: string): boolean
}

const MODEL = 'health@1'
/** A device behind the bridge says something every minute when it is well. */
const BRIDGE_SILENT_MS = 5 * MINUTE
/** A radio sensor may speak once an hour; how often it really does is learnt from its last messages. */
const UNKNOWN_PACE_SILENT_MS = 2 * HOUR
const GAPS_KEPT = 20
const GAPS = 3
/** The bridge says how its devices fare every 5 s. */
const BRIDGE_AWAY_MS = 30 * SECOND
const RATE_STEP_MS = 10 * SECOND
const RATE_STEPS = 6

type Watched = {
  house: string
  isBehindBridge: boolean
  /** Its silence is a rule's of its own metric. */
  isCovered: boolean
  hasSpoken: boolean
  lastFrameAt: number
  /** Between its last messages, ms. */
  gaps: number[]
  /** Frames at the last few steps. */
  counts: { t: number; frames: number }[]
  runs: Map<MetricId, Run>
  battery?: number
}

export function createDeviceWatch(deps: DeviceWatchDeps): DeviceWatch {
  const { config, rules, table, known, isPresent } = deps
  let { startedAt } = deps
  const silenceMetrics = new Set(
    rules.filter(({ condition }) => condition.kind === 'silent').map(({ metric }) => metric),
  )
  const devices = new Map<string, Watched>()
  const watch = (id: string, house: string, isBehindBridge: boolean) =>
    devices.set(id, {
      ...{ house, isBehindBridge, isCovered: false, hasSpoken: false },
      ...{ lastFrameAt: 0, gaps: [], counts: [], runs: new Map() },
    })
  for (const { id, house } of config.links.flatMap((link) => link.devices)) watch(id, house, true)
  for (const { id, house } of config.mqttDevices) watch(id, house, false)

  /** What was said last of a device, so that only changes are said. */
  const said = new Map<Series, number>()
  const notice = ({ series, value }: Reading) => {
    const device = devices.get(series.device)
    if (!device || series.source !== 'sensor') return
    device.hasSpoken = true
    if (silenceMetrics.has(series.metric)) device.isCovered = true
    if (series.metric === 'device.battery') device.battery = value
  }
  for (const reading of known) {
    notice(reading)
    const { metric } = reading.series
    if (metric === 'device.silent' || metric === 'device.stuck') said.set(reading.series, reading.value)
  }

  const follow = (device: Watched, { lastFrameAt, frames }: DeviceHealth, now: number) => {
    if (lastFrameAt > device.lastFrameAt) {
      if (device.lastFrameAt > 0)
        device.gaps = [...device.gaps, lastFrameAt - device.lastFrameAt].slice(-GAPS_KEPT)
      device.lastFrameAt = lastFrameAt
      device.hasSpoken = true
    }
    const last = device.counts.at(-1)
    // A bridge that began anew counts from 0; a clock that was put back has no minute before it.
    if (last && (frames < last.frames || now < last.t)) device.counts = []
    if (!last || now - last.t >= RATE_STEP_MS)
      device.counts = [...device.counts, { t: now, frames }].slice(-RATE_STEPS - 1)
  }

  const isSilent = (id: string, device: Watched, link: DeviceHealth['link'] | undefined, now: number) => {
    if (!device.hasSpoken || device.isCovered || isPresent(id)) return false
    const hasLeft = link === 'closed' && device.lastFrameAt > 0
    const since = Math.max(device.lastFrameAt, startedAt)
    return now - since > (hasLeft ? BRIDGE_SILENT_MS : silentAfter(device))
  }

  return {
    take(reading) {
      notice(reading)
      const { device: id, metric, source } = reading.series
      const device = devices.get(id)
      if (device && source === 'sensor' && canStick(metric))
        device.runs.set(metric, extendRun(device.runs.get(metric), reading.t, reading.value))
    },

    tick(now, health) {
      const changed: Reading[] = []
      const say = (id: string, house: string, metric: MetricId, is: boolean) => {
        const series = table.named(house, id, metric, 'model', MODEL)
        const value = is ? 1 : 0
        if (!series || (said.get(series) ?? 0) === value) return
        said.set(series, value)
        changed.push({ series, t: table.stamp(series, now), value, quality: 'good' })
      }
      const isBridgeAway = bridgeIsAway(health, now)
      const toldOfBridge = new Set(
        [...devices.values()]
          .filter(({ isBehindBridge, isCovered }) => isBehindBridge && isCovered)
          .map(({ house }) => house),
      )
      for (const [id, device] of devices) {
        const own = health[id]
        if (own) follow(device, own, now)
        let silent = isSilent(id, device, own?.link, now)
        // A bridge that is away is one cause: one device of each house tells of it, if no other rule does.
        if (silent && device.isBehindBridge && isBridgeAway) {
          silent = !toldOfBridge.has(device.house)
          toldOfBridge.add(device.house)
        }
        say(id, device.house, 'device.silent', silent)
        say(id, device.house, 'device.stuck', stuckOf(device).length > 0)
      }
      return changed
    },

    describe: (health) =>
      Object.fromEntries(
        Object.entries(health).map(([id, own]) => {
          const device = devices.get(id)
          return [id, device ? { ...own, ...findingsOf(device) } : own]
        }),
      ),

    step({ byMs }) {
      startedAt += byMs
      for (const device of devices.values()) {
        if (device.lastFrameAt > 0) device.lastFrameAt += byMs
        device.counts = device.counts.map(({ t, frames }) => ({ t: t + byMs, frames }))
        for (const [metric, run] of device.runs) device.runs.set(metric, shiftRun(run, byMs))
      }
    },
  }

  function bridgeIsAway(health: Readonly<Record<string, DeviceHealth>>, now: number): boolean {
    const reports = [...devices]
      .filter(([, { isBehindBridge }]) => isBehindBridge)
      .map(([id]) => health[id]?.t ?? 0)
    return reports.every((t) => now - t > BRIDGE_AWAY_MS)
  }
}

/** A device is silent when it misses three of its longest pauses. */
function silentAfter({ isBehindBridge, gaps }: Watched): number {
  if (isBehindBridge) return BRIDGE_SILENT_MS
  if (gaps.length < GAPS) return UNKNOWN_PACE_SILENT_MS
  return Math.max(BRIDGE_SILENT_MS, GAPS * Math.max(...gaps))
}

const stuckOf = ({ runs }: Watched): MetricId[] =>
  [...runs].filter(([metric, run]) => isStuck(metric, run)).map(([metric]) => metric)

function findingsOf(device: Watched): Pick<DeviceHealth, 'perMinute' | 'stuck' | 'battery'> {
  const [first] = device.counts
  const last = device.counts.at(-1)
  const minutes = first && last ? (last.t - first.t) / MINUTE : 0
  const stuck = stuckOf(device)
  return {
    ...(first && last && minutes > 0 && { perMinute: (last.frames - first.frames) / minutes }),
    ...(stuck.length > 0 && { stuck }),
    ...(device.battery !== undefined && { battery: device.battery }),
  }
}
