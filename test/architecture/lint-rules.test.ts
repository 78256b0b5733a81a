// The rules that are ours among the lint rules, each against a planted fault and against what it must let pass.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const projectRoot = fileURLToPath(new URL('../..', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'flockwise-lint-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const onlyMain = 'Only main.ts reads'
const pure = 'domain/ is pure'
const faults: [path: string, code: string, message: string][] = [
  ['edge/a.ts', 'export const a = process.env.PORT\n', onlyMain],
  ['cloud/a.ts', 'export const a = process.argv.slice(2)\n', onlyMain],
  [
    'sqlite-file/a.ts',
    "import { argv as words, pid } from 'node:process'\n\nexport const a = [words, pid]\n",
    onlyMain,
  ],
  ['domain/a.ts', 'export const a = Date.now()\n', pure],
  ['domain/b.ts', 'export const b = new Date()\n', pure],
  ['domain/c.ts', 'export const c = Math.random()\n', pure],
  ['domain/d.ts', 'export const d = crypto.randomUUID()\n', pure],
  ['domain/e.ts', "export const e = fetch('http://localhost', { method: 'POST' })\n", pure],
  ['domain/f.ts', 'export const f = setTimeout(() => {}, 1)\n', pure],
]
const innocents: [path: string, code: string][] = [
  ['edge/main.ts', 'export const a = process.env.PORT ?? process.argv[2]\n'],
  ['edge/a.test.ts', 'export const a = process.env.PORT\n'],
  ['demo/a.ts', 'export const a = process.env.PORT\n'],
  ['test/faults/a.ts', 'export const a = process.env.PORT\n'],
  ['edge/b.ts', "import { pid } from 'node:process'\n\nexport const b = [pid, Date.now()]\n"],
  ['domain/g.ts', 'export const g = (t: number) => new Date(t).toISOString()\n'],
  ['domain/g.test.ts', 'export const g = Date.now()\n'],
]

describe('lint rules', () => {
  let report: { file: string; message: string }[] = []
  beforeAll(() => {
    for (const path of ['biome.json', 'test/architecture'])
      cpSync(join(projectRoot, path), join(root, path), { recursive: true })
    for (const [path, code] of [...faults, ...innocents]) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), code)
    }
    const biome = join(projectRoot, 'node_modules/.bin/biome')
    const folders = [...new Set([...faults, ...innocents].map(([path]) => path))]
    const { stdout } = spawnSync(biome, ['lint', '--vcs-enabled=false', '--reporter=github', ...folders], {
      cwd: root,
      encoding: 'utf8',
    })
    report = [...stdout.matchAll(/^::error .*?file=([^,]+),.*?::(.*)$/gm)].map((line) => ({
      file: String(line[1]).replace(`${root}/`, ''),
      message: String(line[2]),
    }))
  })

  it.each(faults)('find the fault in %s', (path, _code, message) => {
    expect(report.filter(({ file }) => file === path).map((found) => found.message)).toEqual([
      expect.stringContaining(message),
    ])
  })

  it.each(innocents)('leave %s alone', (path) => {
    expect(report.filter(({ file }) => file === path)).toEqual([])
  })
})
