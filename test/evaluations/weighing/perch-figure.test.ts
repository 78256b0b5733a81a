import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { readHandWeighings, readMasses } from './hand-weighings.ts'
import { evaluatePerchScale } from './perch-figure.ts'

const folder = fileURLToPath(new URL('../../../../shared/data/perch-scale', import.meta.url))
const missing = existsSync(folder)
  ? ''
  : ' (skipped: the recordings are not beside the project, in ../shared/data/perch-scale)'

it.skipIf(missing !== '')(
  `real birds are weighed within 2 %, calibrated once${missing}`,
  () => {
    const { maePercent, biasPercent, daysReportedPercent, constantMassWorstPercent } = evaluatePerchScale(
      folder,
      true,
      () => {},
    )
    expect(maePercent).toBeLessThanOrEqual(2)
    expect(Math.abs(biasPercent as number)).toBeLessThanOrEqual(1)
    expect(daysReportedPercent).toBeGreaterThanOrEqual(80)
    expect(constantMassWorstPercent).toBeLessThanOrEqual(1)
  },
  60_000,
)

it('says what is missing in a folder without hand weighings', () => {
  const { n, maePercent, why } = evaluatePerchScale('/nowhere', false, () => {})
  expect(n).toBe(0)
  expect(maePercent).toBeNull()
  expect(why?.maePercent).toContain('daily-manual-weights.csv')
})

it('reads hand weighings and masses', () => {
  const [bird] = readHandWeighings('bird_id,2025-06-11,2025-06-12,mean\n2,18.5,,18.5\n')
  expect(bird).toEqual({ bird: '2', byDay: new Map([['2025-06-11', 18.5]]) })
  expect(readMasses('file,true_g\ncontrol.csv.gz,15.75\n')).toEqual([
    { file: 'control.csv.gz', trueG: 15.75 },
  ])
})
