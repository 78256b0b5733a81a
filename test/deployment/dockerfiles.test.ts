import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { inProject, readText } from './project.ts'

const files = readdirSync(inProject('deploy')).filter((name) => name.endsWith('.Dockerfile'))
const manifest = JSON.parse(readText('package.json')) as { devDependencies: { node: string } }

/** Folders of ours that a Dockerfile copies from the project, not from another stage. */
const copied = (text: string): string[] =>
  [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) => (sources as string).split(' '))

describe.each(files)('%s', (name) => {
  const text = readText(`deploy/${name}`)
  const lastStage = text.slice(text.lastIndexOf('\nFROM '))

  it('runs the Node that the project pins', () => {
    expect(text).toContain(`ARG NODE_IMAGE=node:${manifest.devDependencies.node}-bookworm-slim`)
    expect(
      text.match(/^FROM .*/gm)?.every((line) => line.startsWith(['FROM $', '{NODE_IMAGE}'].join(''))),
    ).toBe(true)
  })

  it('ships no development packages, and runs as somebody without rights', () => {
    expect(text).toContain('npm ci --omit=dev')
    expect(lastStage).not.toContain('npm ')
    expect(lastStage.indexOf('USER node')).toBeGreaterThan(lastStage.lastIndexOf('RUN '))
  })

  it('copies files that are there and that .dockerignore lets through', () => {
    const allowed = readText('.dockerignore')
      .match(/^!.+$/gm)
      ?.map((line) => line.slice(1))
    for (const source of copied(text)) {
      expect(existsSync(inProject(source)), source).toBe(true)
      expect(allowed, source).toContain(source)
    }
  })

  it('holds every folder that its programs import', () => {
    const folders = new Set(copied(lastStage))
    const apps = ['cloud', 'edge', 'firmware-bridge'].filter((app) => folders.has(app))
    expect(apps.length).toBeGreaterThan(0)
    for (const app of apps) {
      for (const alias of aliasesOf(app)) expect([...folders], app).toContain(alias)
    }
  })
})

it('every Dockerfile is looked at', () => {
  expect(files.sort()).toEqual(['cloud.Dockerfile', 'edge.Dockerfile'])
})

/** Shared folders that the sources of an app import. */
function aliasesOf(app: string): Set<string> {
  const sources = readdirSync(inProject(app), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )
  return new Set(
    sources.flatMap((file) =>
      [...readText(`${app}/${file}`).matchAll(/from '#([a-z-]+)\//g)].map(([, folder]) => folder as string),
    ),
  )
}
