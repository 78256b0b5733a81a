import { availableParallelism } from 'node:os'
import { MINUTE, SECOND } from '#domain/time.ts'
import { readLiveEvents } from '../../live-events.ts'
import { FARM, type LineFarm, startLineFarm } from './line-farm.ts'
import { createSixHouses, type DeviceSample } from './six-houses.ts'

export type Drain = {
  drainReadingsPerSecond: number
  drainedReadings: number
  drainSeconds: number
  /** From a value's time to its event on the live stream while the backlog drains, 95 %. */
  liveDelayMs: number
  liveDelayP50Ms: number
  liveDelayMaxMs: number
  liveValues: number
  roundTripMs: number
  cores: number
}

const ROUND_TRIP_MS = 200
const LOOK_MS = 200
const LIVE_EVERY_MS = 500
/** The first events, until the edge knows that somebody watches. */
const WARM_UP_MS = 3 * SECOND
/** What the farm measures meanwhile goes to the end of the backlog: it counts as drained when less than this is left. */
const DRAINED = 2_000

/**
 * An edge whose store in `dir`/`edgeDir` holds a backlog comes back to a new cloud at the end of a long line. The farm
 * goes on measuring at full rate, and somebody watches.
 */
export async function measureDrain(
  dir: string,
  edgeDir: string,
  withinMs: number,
  say: (text: string) => void,
): Promise<Drain> {
  const startsAt = Math.ceil(Date.now() / MINUTE) * MINUTE
  const houses = createSixHouses({ seed: 5, startsAt, stretch: 1 })
  const devices = houses.minute(startsAt)
  const farm = await startLineFarm({ dir, edgeDir, devices, delayMs: ROUND_TRIP_MS / 2 })
  const stopped = new AbortController()
  const tasks: Promise<void>[] = []
  try {
    const first = await until(farm, ({ sync }) => sync.state === 'connected', MINUTE)
    const startedAt = performance.now()
    const delays: number[] = []
    tasks.push(watch(farm, delays, stopped.signal), measureOn(farm, devices, stopped.signal))
    setTimeout(() => delays.splice(0), WARM_UP_MS)
    const before = first.sync.backlog.readings
    say(`  ${before} readings are to be sent`)
    const last = await until(farm, ({ sync }) => sync.backlog.readings < DRAINED, withinMs)
    const drainSeconds = (performance.now() - startedAt) / 1000
    const drainedReadings = before - last.sync.backlog.readings
    delays.sort((a, b) => a - b)
    return {
      drainReadingsPerSecond: drainedReadings / drainSeconds,
      drainedReadings,
      drainSeconds,
      liveDelayMs: quantile(delays, 0.95),
      liveDelayP50Ms: quantile(delays, 0.5),
      liveDelayMaxMs: quantile(delays, 1),
      liveValues: delays.length,
      roundTripMs: ROUND_TRIP_MS,
      cores: availableParallelism(),
    }
  } finally {
    stopped.abort()
    await Promise.allSettled(tasks)
    await farm.close()
  }
}

type Health = Awaited<ReturnType<LineFarm['health']>>

async function until(farm: LineFarm, is: (health: Health) => boolean, withinMs: number): Promise<Health> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const health = await farm.health()
    if (is(health)) return health
    if (performance.now() > deadline)
      throw new Error(`not within ${withinMs / 1000} s: ${JSON.stringify(health.sync)}`)
    await pause(LOOK_MS)
  }
}

/** The device whose values are followed, and all others at the pace of full rate. */
async function measureOn(
  farm: LineFarm,
  devices: readonly DeviceSample[],
  signal: AbortSignal,
): Promise<void> {
  const followed = devices.find(({ device }) => device === FOLLOWED)
  if (!followed) throw new Error(`"${FOLLOWED}" is no device`)
  const others = devices.filter((sample) => sample !== followed)
  const otherEveryMs = MINUTE / others.length
  let next = 0
  let due = performance.now()
  while (!signal.aborted) {
    await farm.publish({ ...followed, t: Date.now() })
    for (; due < performance.now(); due += otherEveryMs) {
      const other = others[next++ % others.length] as DeviceSample
      await farm.publish({ ...other, t: Date.now() })
    }
    await pause(LIVE_EVERY_MS)
  }
}

const FOLLOWED = 'h1-air-1'

/** Each value of the followed device once: how old it was when the stream brought it. */
async function watch(farm: LineFarm, delays: number[], signal: AbortSignal): Promise<void> {
  const seen = new Set<string>()
  const since = Date.now()
  await readLiveEvents(
    await farm.client.live(FARM, 'h1'),
    (event, arrivedAt) => {
      if (event.kind !== 'values') return
      for (const { device, metric, t } of event.values) {
        const key = `${metric} ${t}`
        if (device !== FOLLOWED || t < since || seen.has(key)) continue
        seen.add(key)
        delays.push(arrivedAt - t)
      }
    },
    signal,
  )
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
