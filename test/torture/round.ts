import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Comparison, compare } from './compare.ts'
import { startTortureFarm, type TortureEdge, type TortureFarm } from './farm.ts'
import {
  clockError,
  type FarmFault,
  type FaultKind,
  faultKinds,
  type LineFault,
  planFaults,
} from './fault-kinds.ts'
import { between, pick, type Random, randomFrom } from './random.ts'

export type RoundOptions = {
  seed: number
  faults: number
  withInflux: boolean
  isPossible(kind: FaultKind): boolean
  isLying?: boolean
  say(text: string): void
}

/** How often each kind took place. */
export type Counts = Partial<Record<FaultKind, number>>

export type RoundResult = Comparison & {
  seed: number
  withInflux: boolean
  faults: Counts
  /** Processes that ended without having been asked; the edge does so when its disk has room again. */
  ends: string[]
  seconds: number
  /** Where everything lies that something may be learnt from, when something was wrong. */
  keptIn?: string
}

/** Three at a time, so that a clock is wrong or a disk full while something is killed. */
const AT_ONCE = 3
const PAUSE_MS = 600
/** How likely an upload suffers, while there are faults left. More would not make more: edges back off. */
const SUFFERS = 0.5
const SIGNALS = ['SIGINT', 'SIGTERM'] as const
const SETTLE_MS = 90_000

/**
 * One farm from its first day to the comparison: it takes up work, suffers what the seed planned, is left alone until
 * all is quiet, and is ended; then the devices' record is held against the cloud's store. A seed gives the same faults
 * in the same order with the same lengths; what they hit is up to the machine.
 */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { seed, say, withInflux } = options
  const startedAt = performance.now()
  const sinceStart = () => Math.round((performance.now() - startedAt) / 1000)
  const random = randomFrom(seed)
  const plan = planFaults(random, options.faults, (kind) => options.isPossible(kind))
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'flockwise-torture-')))
  const counts: Counts = {}
  const count = (kind: FaultKind) => {
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  const farm = await startTortureFarm({
    ...{ dir, random, withInflux, isLying: options.isLying ?? false, onLineFault: count },
  })
  // Ctrl-C leaves nothing behind.
  const endEarly = () =>
    void farm.close().finally(() => {
      rmSync(dir, { recursive: true, force: true })
      process.exit(130)
    })
  for (const signal of SIGNALS) process.once(signal, endEarly)
  let result: RoundResult
  try {
    const planned = plan.farm.length + plan.line.count
    say(`seed ${seed}${withInflux ? ', readings in InfluxDB' : ''}: ${planned} faults planned`)
    const isLine = new Set<FaultKind>(plan.line.kinds)
    sufferLines(farm, random, plan.line, () => sum(counts, (kind) => isLine.has(kind)))
    await sufferFaults(farm, random, plan.farm, count)
    await untilSuffered(counts, planned)
    say(`seed ${seed}: ${sum(counts)} faults suffered after ${sinceStart()} s; now it is left alone`)
    await settle(farm)
    say(`seed ${seed}: quiet after ${sinceStart()} s`)
    const missed = await end(farm)
    if (missed.length > 0)
      throw new Error(`the power cuts were not honest: a call was missed that changed ${missed.join(', ')}`)
    const ends = [farm.cloud, ...farm.edges.map(({ process }) => process)].flatMap((process) =>
      process.ends(),
    )
    const comparison = compare(
      farm.edges.flatMap(({ devices }) => devices),
      await farm.stored(),
    )
    const seconds = (performance.now() - startedAt) / 1000
    result = { ...comparison, seed, withInflux, faults: counts, ends: [...ends], seconds }
  } finally {
    for (const signal of SIGNALS) process.off(signal, endEarly)
    await farm.close()
  }
  if (result.lost + result.duplicated + result.unexpected > 0) return { ...result, keptIn: dir }
  rmSync(dir, { recursive: true })
  return result
}

function sum(counts: Counts, isCounted: (kind: FaultKind) => boolean = () => true): number {
  return faultKinds.filter(isCounted).reduce((all, kind) => all + (counts[kind] ?? 0), 0)
}

/** `done`: how many of the line's faults took place; one whose cloud was away is drawn anew. */
function sufferLines(
  { edges }: TortureFarm,
  random: Random,
  { kinds, count }: { kinds: LineFault[]; count: number },
  done: () => number,
): void {
  for (const { line } of edges) {
    const own = randomFrom(between(random, 0, 2 ** 31))
    line.suffer(() => (done() < count && own() < SUFFERS ? pick(own, kinds) : undefined))
  }
}

async function sufferFaults(
  farm: TortureFarm,
  random: Random,
  kinds: FarmFault[],
  count: (kind: FaultKind) => void,
): Promise<void> {
  // Drawn beforehand: the order in which they end must not change what the seed means.
  const faults = kinds.map((kind) => ({
    kind,
    edge: pick(random, farm.edges),
    own: randomFrom(between(random, 0, 2 ** 31)),
  }))
  const work = async () => {
    for (let fault = faults.shift(); fault; fault = faults.shift()) {
      const { kind, edge, own } = fault
      await sleep(own() * PAUSE_MS)
      await suffer[kind](farm, edge, own)
      count(kind)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

const suffer: Record<FarmFault, (farm: TortureFarm, edge: TortureEdge, random: Random) => Promise<void>> = {
  'edge killed': (_, { process }, random) =>
    process.alone(async () => {
      await process.kill()
      await sleep(random() * 300)
      process.start()
      await sleep(random() * 1500)
    }),
  'edge power cut': (_, { process, power }, random) =>
    process.alone(async () => {
      await process.kill()
      power?.cut(random)
      process.start()
      await sleep(random() * 1500)
    }),
  async 'edge disk full'(_, { disk }, random) {
    disk?.fill()
    await sleep(1000 + random() * 2000)
    disk?.makeRoom()
  },
  'cloud killed': ({ cloud }, _, random) =>
    cloud.alone(async () => {
      await cloud.kill()
      await sleep(random() * 1000)
      cloud.start()
      await sleep(random() * 1500)
    }),
  'cloud away': ({ cloud }, _, random) =>
    cloud.alone(async () => {
      await cloud.kill()
      await sleep(between(random, 8_000, 20_000))
      cloud.start()
      await sleep(random() * 1500)
    }),
  'cloud power cut': ({ cloud, cloudPower }, _, random) =>
    cloud.alone(async () => {
      await cloud.kill()
      cloudPower?.cut(random)
      cloud.start()
      await sleep(random() * 1500)
    }),
  async 'database killed'({ influx }, _, random) {
    await influx?.kill()
    await sleep(random() * 2000)
    await influx?.start()
  },
  async 'line down'(_, { line }, random) {
    line.cut()
    await sleep(random() * 3000)
    line.mend()
  },
  async 'device cut'(_, { devices }, random) {
    pick(random, devices).cut()
  },
  'clock to 2020': (_, edge, random) => moveClock(edge, 'clock to 2020', random),
  'clock a year ahead': (_, edge, random) => moveClock(edge, 'clock a year ahead', random),
  'clock off by hours': (_, edge, random) => moveClock(edge, 'clock off by hours', random),
  'clock off by seconds': (_, edge, random) => moveClock(edge, 'clock off by seconds', random),
}

/** Half of the time the box starts with it, as one without a battery does; then somebody sets it right. */
async function moveClock({ clock, process }: TortureEdge, kind: FarmFault, random: Random): Promise<void> {
  const error = clockError(random, kind, Date.now())
  if (random() < 0.5) {
    await process.alone(async () => {
      await process.kill()
      clock?.move(error)
      process.start()
    })
  } else clock?.move(error)
  await sleep(1000 + random() * 3000)
  clock?.move(0)
}

/** Uploads go on until all that was planned for the line has happened. */
async function untilSuffered(counts: Counts, planned: number): Promise<void> {
  const deadline = Date.now() + SETTLE_MS
  while (sum(counts) < planned && Date.now() < deadline) await sleep(100)
}

/** Everything is healthy; devices say nothing new; the store is looked at until nothing is missing, or too long. */
async function settle(farm: TortureFarm): Promise<void> {
  for (const { line } of farm.edges) line.heal()
  const devices = farm.edges.flatMap((edge) => edge.devices)
  await Promise.all(devices.map((device) => device.finish(30_000)))
  const deadline = Date.now() + SETTLE_MS
  while (Date.now() < deadline) {
    const comparison = await farm
      .stored()
      .then((stored) => compare(devices, stored))
      .catch(() => undefined)
    if (comparison?.lost === 0) break
    await sleep(500)
  }
  // What is on its way for a second time would come now.
  await sleep(2000)
}

/** Returns the files that are not as the journals of the power cuts tell. */
async function end(farm: TortureFarm): Promise<string[]> {
  const missed: string[] = []
  for (const { process, power } of [...farm.edges, { process: farm.cloud, power: farm.cloudPower }]) {
    if (await process.alone(process.stop)) missed.push(...(power?.missed() ?? []))
  }
  return missed
}
