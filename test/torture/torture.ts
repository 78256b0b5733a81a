import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { influxd } from '../../cloud/test/start-influx.ts'
import { mountSmallDisk } from '../../edge/test/small-disk.ts'
import { type Figure, type FigureOptions, type Measured, projectRoot } from '../figures.ts'
import { type FaultKind, faultKinds } from './fault-kinds.ts'
import { compilePreload } from './preload.ts'
import { type RoundResult, runRound } from './round.ts'
import {
  countFaults,
  type RunState,
  readRunState,
  type SeedTotals,
  totalsOf,
  writeRunState,
} from './run-state.ts'

/** Ends within ten minutes on two cores. */
const FAULTS = 750
const FULL_FAULTS = 15_000
const FAULTS_PER_ROUND = 250
const STATE_FILE = join(projectRoot, 'node_modules/.cache/torture/state.json')

const totalKeys = [
  'acknowledged',
  'matched',
  'lost',
  'duplicated',
  'unexpected',
  'refused',
  'misdated',
] as const

export const torture: Figure = {
  name: 'torture',
  summary: 'what devices were told is safe, held against what arrived, after faults of every kind',
  keys: ['faults', 'seconds', ...totalKeys, 'ends', 'rounds', 'seeds', 'byKind', 'wrong'],
  run: (options) => runTorture(readOptions(options), options.say),
}

export type TortureOptions = {
  faults: number
  seed: number
  /** Where the totals of rounds that have ended are kept. */
  stateFile: string
  /** Goes on where the last run of this seed ended, and adds to what other seeds came to. */
  isResumed: boolean
  without: readonly string[]
}

function readOptions({ args, full }: FigureOptions): TortureOptions {
  const { values } = parseArgs({
    args,
    options: {
      faults: { type: 'string', default: String(full ? FULL_FAULTS : FAULTS) },
      seed: { type: 'string', default: '1' },
      state: { type: 'string', default: STATE_FILE },
      resume: { type: 'boolean', default: false },
      /** A kind, or how several begin; may be given more than once. */
      without: { type: 'string', multiple: true, default: [] },
    },
  })
  const whole = (name: string, text: string) => {
    if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} ${text}: a whole number is wanted`)
    return Number(text)
  }
  return {
    faults: whole('faults', values.faults),
    seed: whole('seed', values.seed),
    stateFile: values.state,
    isResumed: values.resume,
    without: values.without,
  }
}

export async function runTorture(options: TortureOptions, say: (text: string) => void): Promise<Measured> {
  const { faults, seed, stateFile, without } = options
  const missing = whatIsMissing()
  const why: Partial<Record<FaultKind, string>> = { ...missing }
  for (const kind of faultKinds)
    if (without.some((name) => kind.startsWith(name))) why[kind] = `left out with --without ${without}`
  for (const [kind, reason] of Object.entries(why)) say(`no "${kind}": ${reason}`)

  mkdirSync(dirname(stateFile), { recursive: true })
  const state: RunState = options.isResumed ? readRunState(stateFile) : { seeds: [] }
  const totals = totalsOf(state, seed, commit())
  while (countFaults(totals) < faults) {
    // Every third round keeps its readings in InfluxDB, as far as there is one.
    const withInflux = totals.rounds % 3 === 2 && influxd !== undefined
    const result = await runRound({
      seed: seed * 100_000 + totals.rounds,
      faults: Math.max(10, Math.min(FAULTS_PER_ROUND, faults - countFaults(totals))),
      withInflux,
      isPossible: (kind) => !why[kind] && (withInflux || kind !== 'database killed'),
      say,
    })
    add(totals, result)
    writeRunState(stateFile, state)
    tellRound(totals, result, say)
  }
  return summary(state, why)
}

function add(totals: SeedTotals, result: RoundResult): void {
  totals.rounds++
  for (const key of totalKeys) totals[key] += result[key]
  totals.ends += result.ends.length
  totals.seconds += result.seconds
  for (const kind of faultKinds) {
    const count = result.faults[kind] ?? 0
    if (count > 0) totals.faults[kind] = (totals.faults[kind] ?? 0) + count
  }
  if (result.keptIn)
    totals.wrong.push({ seed: result.seed, keptIn: result.keptIn, examples: result.examples })
}

function tellRound(totals: SeedTotals, result: RoundResult, say: (text: string) => void): void {
  const { acknowledged, lost, duplicated, unexpected, examples, keptIn } = result
  say(
    `${countFaults(totals)} faults; this round: ${acknowledged} acknowledged, ${lost} lost, ${duplicated} twice, ${unexpected} unexpected`,
  )
  for (const text of new Set(result.ends)) say(`  ${text}`)
  for (const text of examples) say(`  ${text}`)
  if (keptIn) say(`  its databases and logs are kept in ${keptIn}`)
}

function summary({ seeds }: RunState, why: Partial<Record<FaultKind, string>>): Measured {
  const total = (key: (typeof totalKeys)[number] | 'ends' | 'rounds' | 'seconds') =>
    seeds.reduce((sum, totals) => sum + totals[key], 0)
  const byKind = Object.fromEntries(
    faultKinds.map((kind) => {
      const count = seeds.reduce((sum, { faults }) => sum + (faults[kind] ?? 0), 0)
      return [kind, count === 0 && why[kind] ? null : count]
    }),
  )
  const faults = seeds.reduce((sum, totals) => sum + countFaults(totals), 0)
  return {
    faults,
    seconds: Math.round(total('seconds')),
    ...Object.fromEntries(totalKeys.map((key) => [key, total(key)])),
    ends: total('ends'),
    rounds: total('rounds'),
    seeds: seeds.map(({ seed }) => seed),
    byKind,
    wrong: seeds.flatMap(({ wrong }) => wrong),
    n: faults,
    why: Object.fromEntries(Object.entries(why).map(([kind, reason]) => [`byKind.${kind}`, reason])),
  }
}

/** Kinds that this machine cannot do, and why. */
export function whatIsMissing(): Partial<Record<FaultKind, string>> {
  const missing: Partial<Record<FaultKind, string>> = {}
  const leaveOut = (begins: string, reason: string) => {
    for (const kind of faultKinds) if (kind.includes(begins)) missing[kind] = reason
  }
  for (const [name, kinds] of [
    ['power-cut', 'power cut'],
    ['clock', 'clock'],
  ] as const) {
    const preload = compilePreload(name)
    if ('why' in preload) leaveOut(kinds, preload.why)
  }
  if (!influxd) leaveOut('database killed', 'influxd is not there (Debian: influxdb)')
  const folder = mkdtempSync(join(tmpdir(), 'flockwise-mount-'))
  const disk = mountSmallDisk(folder, 64)
  if (disk) disk.close()
  else leaveOut('disk full', 'mounting a disk of its own is not allowed here')
  rmSync(folder, { recursive: true })
  return missing
}

function commit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: projectRoot, encoding: 'utf8' }).trim()
  } catch {
    return null
  }
}
