import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readProfiles } from './read-profiles.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'profiles-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const put = (name: string, text: string) => writeFileSync(join(folder, name), text)
const example = (name: string) =>
  readFileSync(join(import.meta.dirname, '../deploy/example/profiles', name), 'utf8')

it('are read from YAML and JSON, other files are left alone', () => {
  put(
    'a.yaml',
    'model: my-co2\nfields:\n  - { name: co2, metric: air.co2, fc: 4, address: 0x0010, type: uint16 }\n',
  )
  put('b.json', '{"model":"my-nh3","fields":[{"name":"nh3","metric":"air.nh3","address":2}]}')
  put('bat2.yaml.template', 'model: bat2')
  const { definitions, mistakes } = readProfiles(folder)
  expect(mistakes).toEqual([])
  expect(definitions.map(({ model }) => model)).toEqual(['my-co2', 'my-nh3'])
  expect(definitions[0]).toMatchObject({
    reads: [{ table: 'input', address: 16, count: 1 }],
    line: { baudRate: 9600 },
  })
})

it('have all their mistakes named, with file and place', () => {
  put('a.yaml', 'model: louver-shield\nfields: [{ name: x, metric: light, address: 0 }]')
  put('b.yaml', 'model: b\nfields: [{ name: x, metric: lihgt, address: 0 }]')
  put('c.yaml', 'model: [')
  put('d.yaml', 'model: d\nfields: [{ name: x, metric: light, address: 0 }]')
  put('e.yaml', 'model: d\nfields: [{ name: x, metric: light, address: 0 }]')
  const { definitions, mistakes } = readProfiles(folder)
  expect(definitions.map(({ model }) => model)).toEqual(['d'])
  expect(mistakes).toEqual([
    { path: '/profiles/a.yaml/model', message: 'there is already a model "louver-shield"' },
    { path: '/profiles/b.yaml/fields/0/metric', message: 'there is no metric "lihgt"' },
    { path: '/profiles/c.yaml', message: expect.stringContaining('cannot be read') },
    { path: '/profiles/e.yaml/model', message: 'there is already a model "d"' },
  ])
})

it('are none where there is no folder', () => {
  expect(readProfiles(join(folder, 'nowhere'))).toEqual({ definitions: [], mistakes: [] })
})

it.each(['bat2.yaml.template', 'water-meter.yaml.template'])(
  '%s asks for nothing but its registers, which its maker’s manual has',
  (name) => {
    put('mine.yaml', example(name))
    const { mistakes } = readProfiles(folder)
    expect(mistakes.length).toBeGreaterThan(0)
    for (const { path } of mistakes) expect(path).toMatch(/\/fields\/\d+\/address$/)
    rmSync(join(folder, 'mine.yaml'))
    let register = 0
    put(
      'mine.yaml',
      example(name).replace(/address: ask/g, () => `address: ${register++ * 2}`),
    )
    expect(readProfiles(folder).mistakes).toEqual([])
  },
)
