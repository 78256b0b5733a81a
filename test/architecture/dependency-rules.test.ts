// Every rule of dependency-rules.ts against a small tree in the project's layout: clean, it reports nothing;
// with one planted fault, that rule and no other.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dependencyViolations } from './dependencies.ts'
import { dependencyRules } from './dependency-rules.ts'

type Files = Record<string, string>

const packages = ['typebox', 'fastify', 'mqtt', 'serialport', 'uplot', 'preact']
const developmentPackages = ['vitest', 'fast-check', 'playwright-core']

const cleanTree: Files = {
  'package.json': JSON.stringify({
    type: 'module',
    imports: {
      '#domain/*': './domain/*',
      '#sqlite-file/*': './sqlite-file/*',
      '#request-signing/*': './request-signing/*',
    },
    dependencies: Object.fromEntries(packages.map((name) => [name, '1.0.0'])),
    devDependencies: Object.fromEntries(developmentPackages.map((name) => [name, '1.0.0'])),
  }),
  ...Object.fromEntries(
    [...packages, ...developmentPackages].flatMap((name) => [
      [`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' })],
      [`node_modules/${name}/index.js`, 'module.exports = {}'],
    ]),
  ),
  'domain/reading.ts':
    "import { Type } from 'typebox'\nimport type { Unit } from './unit.ts'\nexport const Reading = Type",
  'domain/unit.ts': 'export type Unit = string',
  'domain/reading.test.ts':
    "import 'node:fs'\nimport 'vitest'\nimport 'fast-check'\nimport { Reading } from './reading.ts'",
  'sqlite-file/store.ts':
    "import { DatabaseSync } from 'node:sqlite'\nimport { Reading } from '#domain/reading.ts'\nexport const store = 1",
  'request-signing/sign.ts': "import { sign } from 'node:crypto'\nexport const signing = 1",
  'firmware-bridge/main.ts': "import { link } from './link.ts'\nimport 'node:process'",
  'firmware-bridge/link.ts':
    "import 'serialport'\nimport { Reading } from '#domain/reading.ts'\nexport const link = 1",
  'edge/main.ts': "import { uplink } from './uplink.ts'\nimport { routes } from './routes.ts'",
  'edge/uplink.ts':
    "import 'mqtt'\nimport 'node:http'\nimport { store } from '#sqlite-file/store.ts'\nexport const uplink = 1",
  'edge/routes.ts':
    "import 'fastify'\nimport 'typebox'\nimport { signing } from '#request-signing/sign.ts'\nexport const routes = 1",
  'edge/uplink.test.ts': "import 'mqtt'\nimport 'vitest'\nimport './main.ts'\nimport '../test/clock.ts'",
  'edge/test/farm.ts': "import 'mqtt'\nimport { uplink } from '../uplink.ts'",
  'cloud/main.ts': "import { app } from './app.ts'",
  'cloud/app.ts': "import 'fastify'\nimport { store } from '#sqlite-file/store.ts'\nexport const app = 1",
  'dashboards/page.tsx':
    "import 'preact'\nimport 'uplot'\nimport { Reading } from '#domain/reading.ts'\nexport const page = 1",
  'demo/main.ts': "import { Reading } from '#domain/reading.ts'",
  'test/clock.ts': 'export const clock = 1',
  'test/integration/whole.test.ts':
    "import '../../edge/main.ts'\nimport '../../cloud/main.ts'\nimport { clock } from '../clock.ts'",
}

/** Files that replace or join those of the clean tree, and the one rule they break. */
const faults: [what: string, rule: string, files: Files][] = [
  ['domain reads a file', 'domain-imports-only-itself-and-typebox', { 'domain/x.ts': "import 'node:fs'" }],
  ['domain uses a package', 'domain-imports-only-itself-and-typebox', { 'domain/x.ts': "import 'mqtt'" }],
  [
    'domain knows a type of the edge',
    'domain-imports-nothing-of-ours',
    { 'domain/x.ts': "import type { A } from '../edge/uplink.ts'" },
  ],
  [
    'a domain test knows a shared folder',
    'domain-imports-nothing-of-ours',
    { 'domain/x.test.ts': "import '#sqlite-file/store.ts'" },
  ],
  ['edge imports cloud', 'apps-never-import-each-other', { 'edge/x.ts': "import '../cloud/app.ts'" }],
  [
    'a test of the cloud imports the edge',
    'apps-never-import-each-other',
    { 'cloud/x.test.ts': "import '../edge/uplink.ts'" },
  ],
  [
    'the page imports the cloud',
    'apps-never-import-each-other',
    { 'dashboards/x.tsx': "import type { A } from '../cloud/app.ts'" },
  ],
  [
    'cloud imports the demo',
    'apps-import-only-domain-shared-folders-and-packages',
    { 'demo/x.ts': '', 'cloud/x.ts': "import '../demo/x.ts'" },
  ],
  [
    'edge imports the set-up',
    'apps-import-only-domain-shared-folders-and-packages',
    { 'setup.mjs': '', 'edge/x.ts': "import '../setup.mjs'" },
  ],
  [
    'the store knows the edge',
    'shared-folders-import-only-domain-and-packages',
    { 'sqlite-file/x.ts': "import '../edge/uplink.ts'" },
  ],
  [
    'signing knows the store',
    'shared-folders-import-only-domain-and-packages',
    { 'request-signing/x.ts': "import '#sqlite-file/store.ts'" },
  ],
  ['edge reaches domain by path', 'folders-meet-by-alias', { 'edge/x.ts': "import '../domain/unit.ts'" }],
  [
    'a feature imports its main',
    'nobody-imports-a-main',
    { 'edge/x.ts': "import type { A } from './main.ts'" },
  ],
  [
    'two files of the edge import mqtt',
    'one-importer-of-a-package-in-edge',
    { 'edge/x.ts': "import 'mqtt'" },
  ],
  [
    'two files of the edge import SQLite',
    'one-importer-of-a-package-in-edge',
    { 'edge/x.ts': "import 'node:sqlite'", 'edge/y.ts': "import type { A } from 'node:sqlite'" },
  ],
  [
    'two files of the bridge import serialport',
    'one-importer-of-a-package-in-firmware-bridge',
    { 'firmware-bridge/x.ts': "import 'serialport'" },
  ],
  [
    'two files of the cloud import mqtt',
    'one-importer-of-a-package-in-cloud',
    { 'cloud/x.ts': "import 'mqtt'", 'cloud/y.ts': "import 'mqtt'" },
  ],
  [
    'two files of the page import uPlot',
    'one-importer-of-a-package-in-dashboards',
    { 'dashboards/x.tsx': "import 'uplot'" },
  ],
  ['edge imports a test fixture', 'production-imports-no-test', { 'edge/x.ts': "import '../test/clock.ts'" }],
  ['domain imports a test', 'production-imports-no-test', { 'domain/x.ts': "import './reading.test.ts'" }],
  [
    'edge imports a development package',
    'production-imports-no-development-package',
    { 'edge/x.ts': "import 'playwright-core'" },
  ],
  [
    'the page imports a test tool',
    'page-imports-no-test-tool',
    { 'dashboards/x.tsx': "import 'fast-check'" },
  ],
  [
    'two files import each other',
    'no-cycles',
    {
      'edge/x.ts': "import { y } from './y.ts'\nexport const x = 1",
      'edge/y.ts': "import { x } from './x.ts'\nexport const y = 1",
    },
  ],
  [
    'two files need each other’s types',
    'no-cycles',
    {
      'edge/x.ts': "import type { Y } from './y.ts'\nexport type X = 1",
      'edge/y.ts': "import type { X } from './x.ts'\nexport type Y = 1",
    },
  ],
  ['an import leads nowhere', 'everything-resolves', { 'edge/x.ts': "import './gone.ts'" }],
]

const folder = mkdtempSync(join(tmpdir(), 'flockwise-rules-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function plant(name: string, files: Files): string {
  const root = join(folder, name)
  for (const [path, text] of Object.entries({ ...cleanTree, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

describe('dependency rules', () => {
  it('find nothing in a clean tree', async () => {
    expect(await dependencyViolations(plant('clean', {}))).toEqual([])
  })

  it.each(faults)('%s: %s', { timeout: 30_000 }, async (what, rule, files) => {
    const violations = await dependencyViolations(plant(what.replaceAll(/\W+/g, '-'), files))
    expect([...new Set(violations.map((violation) => violation.rule))]).toEqual([rule])
  })

  it('name those who share a driver, tests left out', async () => {
    const [violation] = await dependencyViolations(plant('shared', { 'edge/x.ts': "import 'mqtt'" }))
    expect(violation?.importers).toEqual(['edge/uplink.ts', 'edge/x.ts'])
  })

  it('are each broken by a planted fault', () => {
    const rules = dependencyRules.forbidden.map((rule) => rule.name)
    expect([...new Set(faults.map(([, rule]) => rule))].sort()).toEqual(rules.sort())
  })
})
