import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { environmentOf, inProject, readText } from './project.ts'

const pages = readdirSync(inProject('docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md') && !file.startsWith('decisions/'))
  .map((file) => `docs/${file}`)
const scripts = Object.keys((JSON.parse(readText('package.json')) as { scripts: object }).scripts)
const known = new Set(
  ['firmware-bridge', 'firmware-bridge/simulator', 'edge', 'cloud'].flatMap((app) => [...environmentOf(app)]),
)
/** Read by Compose, not by a program. */
const ofCompose = ['FLOCKWISE_FARM']

/** Code in the text and in blocks, without the fences. */
const codeOf = (text: string) => [
  ...[...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, code]) => code as string),
  ...[...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code as string),
]
const tops =
  'domain|firmware-bridge|edge|cloud|dashboards|deploy|docs|request-signing|sqlite-file|node-file|test|demo'
const projectPath = new RegExp(`(?<![\\w/.-])(?:${tops})/[\\w./@-]*\\w`, 'g')

it('all parts of the documentation are looked at', () => {
  for (const folder of ['installer', 'operator', 'integrator', 'contributor']) {
    expect(pages).toContain(`docs/${folder}/README.md`)
  }
})

describe.each(pages)('%s', (page) => {
  const text = readText(page)

  it('links to pages and headings that are there', () => {
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target as string)) continue
      const [file = '', heading] = (target as string).split('#')
      const path = file === '' ? page : normalize(join(dirname(page), file))
      expect(existsSync(inProject(path)), `${page} → ${target}`).toBe(true)
      if (heading === undefined) continue
      const headings = [...readText(path).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
        (title as string)
          .toLowerCase()
          .replace(/[^\w\s-]/g, '')
          .replaceAll(' ', '-'),
      )
      expect(headings, `${page} → ${target}`).toContain(heading)
    }
  })

  it('names files of the project that are there', () => {
    for (const code of codeOf(text)) {
      for (const [path] of code.matchAll(projectPath)) {
        if (path === 'dashboards/dist') continue
        expect(existsSync(inProject(path)), `${page}: ${path}`).toBe(true)
      }
    }
  })

  it('names npm scripts and environment variables that are there', () => {
    for (const [, script] of text.matchAll(/npm run ([\w-]+)/g)) expect(scripts, page).toContain(script)
    for (const [name] of text.matchAll(/\b(FLOCKWISE_\w+|TRUST_PROXY)\b/g)) {
      if (!ofCompose.includes(name)) expect([...known], page).toContain(name)
    }
  })
})

it('every variable that a program reads is described', () => {
  const all = pages.map(readText).join('\n')
  for (const name of known) expect(all).toContain(name)
})

it('every counter of the edge is explained to the installer', async () => {
  const { counterAdvice } = await import('../../edge/counters.ts')
  const page = readText('docs/installer/health.md')
  for (const name of Object.keys(counterAdvice)) expect(page).toContain(`\`${name}\``)
})
