// The whole way: a byte on a device's line in the coop to the value on the page, and a failing fan to the siren's
// coil. Real processes, as in the demo: simulated houses, bridge, edge, cloud; the page's live stream at the end.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWholeFarm, type WholeFarm } from '../../demo/whole-farm.ts'
import type { Figure } from '../figures.ts'
import { readLiveEvents } from '../live-events.ts'

/** default-rules.ts: the fan's contact must be open this long. */
const FAN_RULE_MS = 10_000
/** Metrics that come from bytes on a line; the sensors that speak MQTT themselves have no line. */
const fromBytes = ['air.temperature', 'air.humidity', 'air.co2', 'air.nh3', 'scale.load', 'thermal.max']

export const path: Figure = {
  name: 'path',
  summary: 'byte on the line to the page; fan failure to the siren, beyond the rule’s for-duration',
  keys: ['p50Ms', 'p95Ms', 'sirenMs', 'edgeRssMB'],
  run: async ({ full, say }) => {
    const dir = await mkdtemp(join(tmpdir(), 'flockwise-path-'))
    const farm = await startWholeFarm({ dir, port: 0, host: '127.0.0.1', historyDays: 21, tell: say })
    try {
      await farm.live()
      const watchS = full ? 300 : 60
      say(`watching the live stream for ${watchS} s`)
      const delays = (await watch(farm, watchS * 1000)).sort((a, b) => a - b)
      const rounds = full ? 10 : 3
      say(`stopping the fans ${rounds} times`)
      const sirens: number[] = []
      for (let round = 0; round < rounds; round++) sirens.push(await sirenDelay(farm, say))
      return {
        n: delays.length,
        p50Ms: quantile(delays, 0.5),
        p95Ms: quantile(delays, 0.95),
        maxMs: quantile(delays, 1),
        /** The worst of the rounds. */
        sirenMs: Math.max(...sirens),
        sirenRounds: sirens,
        edgeRssMB: await residentMB(farm.edge().pid),
      }
    } finally {
      await farm.close()
      await rm(dir, { recursive: true, force: true })
    }
  },
}

/** Milliseconds from a value's time, stamped as its last byte arrived, to its first event on the live stream. */
async function watch(farm: WholeFarm, forMs: number): Promise<number[]> {
  const delays: number[] = []
  const seenBefore = new Set<string>()
  const ended = new AbortController()
  const houses = ['h1', 'h2'].map(async (house) => {
    const seen = (event: Parameters<Parameters<typeof readLiveEvents>[1]>[0], arrivedAt: number) => {
      if (event.kind !== 'values' || event.house !== house) return
      for (const { device, metric, t } of event.values) {
        const key = `${device} ${metric} ${t}`
        if (!fromBytes.includes(metric) || seenBefore.has(key)) continue
        seenBefore.add(key)
        delays.push(arrivedAt - t)
      }
    }
    await readLiveEvents(await farm.client.live(farm.id, house), seen, ended.signal)
  })
  // What was under way before anybody watched is not counted: the first seconds wake the edge.
  await pause(5000)
  delays.length = 0
  await pause(forMs)
  ended.abort()
  await Promise.all(houses)
  return delays
}

type Coil = { on: boolean; switchedAt: number }

/** Stops the fans of house 1 and tells how long after the for-duration the siren's coil closed. */
async function sirenDelay(farm: WholeFarm, say: (text: string) => void): Promise<number> {
  await farm.setFault('h1', 'fan-failure', true)
  const failedAt = Date.now()
  const on = await coil(farm, true, 60_000)
  const delay = on.switchedAt - failedAt - FAN_RULE_MS
  say(`  coil closed ${delay} ms after the for-duration`)
  await farm.setFault('h1', 'fan-failure', false)
  await coil(farm, false, 120_000)
  return delay
}

async function coil(farm: WholeFarm, on: boolean, withinMs: number): Promise<Coil> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const state = (await (await fetch(`${farm.simulatorUrl}/state`)).json()) as {
      houses: Record<string, { siren: Coil }>
    }
    const siren = state.houses['h1']?.siren
    if (siren?.on === on) return siren
    if (Date.now() > deadline)
      throw new Error(`the siren did not go ${on ? 'on' : 'off'} within ${withinMs / 1000} s`)
    await pause(50)
  }
}

async function residentMB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
