import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const Whole = Type.Integer({ minimum: 0 })

/** What all rounds of one seed came to. Rounds are added when they have ended, so a run can be stopped at any time. */
export const SeedTotals = Type.Object({
  seed: Type.Integer(),
  commit: Type.Union([Type.String(), Type.Null()]),
  rounds: Whole,
  faults: Type.Record(Type.String(), Whole),
  acknowledged: Whole,
  matched: Whole,
  lost: Whole,
  duplicated: Whole,
  unexpected: Whole,
  refused: Whole,
  misdated: Whole,
  /** Processes that ended by themselves and were started again. */
  ends: Whole,
  seconds: Type.Number({ minimum: 0 }),
  /** For each round in which something was wrong: its own seed, and some of what was. */
  wrong: Type.Array(
    Type.Object({ seed: Type.Integer(), keptIn: Type.String(), examples: Type.Array(Type.String()) }),
  ),
})
export type SeedTotals = Static<typeof SeedTotals>

const RunState = Type.Object({ seeds: Type.Array(SeedTotals) })
export type RunState = Static<typeof RunState>

/** Throws when the file holds something else: a run that was paid for in hours is not written over. */
export function readRunState(file: string): RunState {
  if (!existsSync(file)) return { seeds: [] }
  const state: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (!Value.Check(RunState, state)) throw new Error(`${file} holds no state of a torture run`)
  return state
}

export function writeRunState(file: string, state: RunState): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(state, undefined, 2)}\n`)
  renameSync(`${file}.new`, file)
}

/** The totals of a seed in this state; new ones are added to it. */
export function totalsOf(state: RunState, seed: number, commit: string | null): SeedTotals {
  const known = state.seeds.find((totals) => totals.seed === seed && totals.commit === commit)
  if (known) return known
  const totals: SeedTotals = {
    ...{ seed, commit, rounds: 0, faults: {}, acknowledged: 0, matched: 0, lost: 0, duplicated: 0 },
    ...{ unexpected: 0, refused: 0, misdated: 0, ends: 0, seconds: 0, wrong: [] },
  }
  state.seeds.push(totals)
  return totals
}

export const countFaults = ({ faults }: Pick<SeedTotals, 'faults'>): number =>
  Object.values(faults).reduce((all, count) => all + count, 0)
