import { describe, expect, it } from 'vitest'
import { type Figure, type Measured, runFigure } from './figures.ts'

const around = {
  command: 'bench',
  commit: async () => ({ commit: 'abc' }),
  install: async () => {},
  say: () => {},
}

function figure(measured: Measured, keys: string[] = ['speedMs', 'share']): Figure {
  return { name: 'example', summary: 'an example', keys, run: async () => measured }
}

describe('figures', () => {
  it('end with one JSON object that has every key, n, commit and full', async () => {
    const measured = figure({ n: 3, speedMs: 1.5, share: null, why: { share: 'no scale' } })
    const { exitCode, output } = await runFigure([measured], ['example', '--json', '--full'], around)
    expect(exitCode).toBe(0)
    expect(JSON.parse(output.trim().split('\n').at(-1) ?? '')).toEqual({
      speedMs: 1.5,
      share: null,
      n: 3,
      commit: 'abc',
      full: true,
      why: { share: 'no scale' },
    })
  })

  it('print a table for people without --json', async () => {
    const { output } = await runFigure(
      [figure({ n: 3, speedMs: 1.23456, share: null, why: { share: 'x' } })],
      ['example'],
      around,
    )
    expect(output).toContain('speedMs  1.235')
    expect(output).toContain('share    not measured: x')
    expect(output).not.toContain('{"speedMs"')
  })

  it.each<[string, Measured, string]>([
    ['a declared key is missing', { n: 1, speedMs: 1 }, 'share is declared and was not given'],
    ['a null has no reason', { n: 1, speedMs: 1, share: null }, 'share is null and "why" does not say why'],
    ['a number is none', { n: 1, speedMs: Number.NaN, share: 1 }, 'speedMs is NaN, not a number'],
  ])('fail when %s', async (_what, measured, message) => {
    const result = await runFigure([figure(measured)], ['example', '--json'], around)
    expect(result.exitCode).toBe(1)
    expect(result.output).toContain(message)
  })

  it.each([[['speed']], [[]], [['--json']]])('list what there is for %j', async (argv) => {
    const result = await runFigure([figure({ n: 1 })], argv, around)
    expect(result.exitCode).toBe(2)
    expect(result.output).toContain('example  an example')
  })

  it('hand a figure its own arguments, and install what it needs first', async () => {
    const seen: unknown[] = []
    const needy: Figure = {
      ...figure({ n: 1 }),
      keys: [],
      needs: ['chromium'],
      run: async ({ args, full }) => {
        seen.push(args, full)
        return { n: 1 }
      },
    }
    await runFigure([needy], ['example', 'some/folder', '--json', '--calibrate-first'], {
      ...around,
      install: async (packages) => void seen.push(packages),
    })
    expect(seen).toEqual([['chromium'], ['some/folder', '--calibrate-first'], false])
  })
})
