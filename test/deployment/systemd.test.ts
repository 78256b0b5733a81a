import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { environmentOf, inProject, programPath, readText } from './project.ts'

const units = readdirSync(inProject('deploy/systemd'))
const NODE = '/opt/flockwise/node_modules/.bin/node'

it('there is a unit for each program', () => {
  expect(units.sort()).toEqual([
    'flockwise-bridge.service',
    'flockwise-cloud.service',
    'flockwise-edge.service',
  ])
})

describe.each(units)('%s', (name) => {
  const text = readText(`deploy/systemd/${name}`)
  const app = text.match(/^ExecStart=\S+ ([a-z-]+)\/main\.ts$/m)?.[1] ?? ''

  it('comes back by itself, however often', () => {
    expect(text).toMatch(/^Restart=always$/m)
    expect(text).toMatch(/^StartLimitIntervalSec=0$/m)
  })

  it('sets only names that its main.ts reads', () => {
    const set = [...text.matchAll(/\b((?:FLOCKWISE_|TRUST_)[A-Z_]+)\b/g)].map(([, key]) => key)
    expect(set.length).toBeGreaterThan(0)
    expect([...environmentOf(app)]).toEqual(expect.arrayContaining(set))
  })

  it('is taken by systemd, and leaves the program few rights', (context) => {
    const analyze = programPath('systemd-analyze')
    if (!analyze) context.skip('systemd-analyze is not installed')
    const folder = mkdtempSync(join(tmpdir(), 'flockwise-units-'))
    const check = (content: string, ...args: string[]) => {
      const file = join(folder, name)
      // systemd looks whether the program is there; on this machine another Node stands in for it.
      writeFileSync(file, content.replace(NODE, process.execPath))
      return spawnSync(analyze as string, [...args, file], {
        encoding: 'utf8',
        env: { ...process.env, SYSTEMD_COLORS: '0' },
      })
    }
    try {
      expect(text).toContain(`ExecStart=${NODE} `)
      expect(check(text.replace('Restart=always', 'Restrat=always'), 'verify', '--man=no').stderr).toContain(
        'Restrat',
      )
      expect(check(text, 'verify', '--man=no').stderr).not.toContain(name)
      const exposure = check(text, 'security', '--offline=true').stdout.match(
        /exposure level for \S+: ([\d.]+)/,
      )?.[1]
      expect(Number(exposure)).toBeLessThan(2.5)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 60_000)
})
