import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createScalePlatform, SAMPLE_MS } from '../firmware-bridge/simulator/model/scale-platform.ts'
import { createRandom } from '../firmware-bridge/simulator/random.ts'
import { weighCommand } from './weigh.ts'

let folder = ''
let file = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flockwise-weigh-'))
  file = join(folder, 'scale.csv')
  // An hour of the simulated platform, with birds of 1,616 g.
  const platform = createScalePlatform(createRandom(3, 'scale'))
  const lines = ['time,load']
  const start = Date.UTC(2026, 5, 29, 9)
  for (let sample = 0; sample < 36_000; sample++) {
    lines.push(`${new Date(start + sample * SAMPLE_MS).toISOString()},${platform.sample(1616, 1).toFixed(1)}`)
  }
  writeFileSync(file, `${lines.join('\n')}\nsomething else\n`)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('flockwise weigh', () => {
  it('says the mean of a recording with its interval, against a hand weighing', () => {
    const hand = join(folder, 'hand.csv')
    writeFileSync(hand, 'day,grams\n2026-06-29,1616\n')
    const { exitCode, output } = weighCommand([
      file,
      '--breed',
      'ross-308-2022',
      '--placed',
      '2026-06-01',
      '--hand',
      hand,
      '--json',
    ])
    expect(exitCode).toBe(0)
    const { days, errors, mistakes, samplesPerSecond } = JSON.parse(output)
    expect(samplesPerSecond).toBeCloseTo(10)
    expect(mistakes).toEqual([{ line: 36_002, text: 'something else' }])
    expect(days).toHaveLength(1)
    expect(days[0].low).toBeLessThan(1650)
    expect(days[0].high).toBeGreaterThan(1590)
    expect(days[0].weights).toBeGreaterThan(100)
    expect(Math.abs(errors.biasPercent)).toBeLessThan(4)
  })

  it('prints a table for people', () => {
    const { output } = weighCommand([file, '--expected', '1616'])
    expect(output).toMatch(/2026-06-29 +1[56]\d\d {2}1[56]\d\d … 1[67]\d\d/)
  })

  it('says “not enough birds” instead of a mean', () => {
    const short = join(folder, 'short.csv')
    writeFileSync(short, '2026-06-29 09:00:00,10\n2026-06-29 09:00:01,10\n')
    expect(weighCommand([short, '--expected', '1616']).output).toContain('not-enough-birds: 0 of 50')
  })

  it.each([
    [['missing.csv', '--expected', '1616'], 'missing.csv'],
    [['x.csv'], '--expected'],
    [['x.csv', '--expected', 'heavy'], 'heavy'],
    [['x.csv', '--breed', 'dodo', '--placed', '2026-06-01'], 'dodo'],
    [['x.csv', '--breed', 'ross-308-2022'], '--placed'],
    [[], 'file'],
    [['x.csv', '--fast'], '--fast'],
  ])('with %j names what is wrong', (args, part) => {
    const { exitCode, output } = weighCommand(args)
    expect(exitCode).toBe(2)
    expect(output).toContain(part)
  })
})
