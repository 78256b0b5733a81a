// The short run: 300 faults of every kind that this machine can do, against real processes. `npm run torture` does
// thousands; README.md says what each is.
import { describe, expect, it } from 'vitest'
import { influxd, whyNoInflux } from '../../cloud/test/start-influx.ts'
import type { FaultKind } from './fault-kinds.ts'
import { farmFaults, faultKinds } from './fault-kinds.ts'
import { type RoundOptions, type RoundResult, runRound } from './round.ts'
import { whatIsMissing } from './torture.ts'

const missing = whatIsMissing()
const says = Object.entries(missing).map(([kind, why]) => `${kind}: ${why}`)

const round = (options: Pick<RoundOptions, 'seed' | 'faults'> & Partial<RoundOptions>) =>
  runRound({ withInflux: false, isPossible: (kind) => isPossible(kind), say: () => {}, ...options })
const isPossible = (kind: FaultKind) => !missing[kind] && kind !== 'database killed'

/** What was wrong, in words; empty when nothing was. */
const wrong = ({ lost, duplicated, unexpected, examples, keptIn }: RoundResult) =>
  lost + duplicated + unexpected === 0
    ? ''
    : `${lost} lost, ${duplicated} twice, ${unexpected} never said; see ${keptIn}\n${examples.join('\n')}`

describe('what a device was told is safe', () => {
  it(`is in the cloud exactly once after 300 faults${says.length > 0 ? ` (without ${says.join('; ')})` : ''}`, {
    timeout: 300_000,
  }, async () => {
    const result = await round({ seed: 20_260_601, faults: 300 })
    expect(wrong(result)).toBe('')
    expect(result.acknowledged).toBeGreaterThan(5000)
    const counts = faultKinds.filter(isPossible).map((kind) => [kind, result.faults[kind] ?? 0] as const)
    console.log(counts.map(([kind, count]) => `${kind} ${count}`).join(', '))
    expect(counts.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThanOrEqual(300)
    expect(counts.filter(([kind, count]) => kind in farmFaults && count === 0)).toEqual([])
  })

  it.skipIf(!influxd)(
    `is in InfluxDB exactly once, which was killed as well${whyNoInflux}`,
    {
      timeout: 200_000,
    },
    async () => {
      const result = await round({
        ...{ seed: 20_260_602, faults: 30, withInflux: true },
        isPossible: (kind) => !missing[kind] && kind !== 'cloud away',
      })
      expect(wrong(result)).toBe('')
      expect(result.faults['database killed']).toBeGreaterThan(0)
    },
  )
})
