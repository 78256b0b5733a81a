// setup.mjs in a folder of its own, with an npm that is a small script: what it does, what it says when it cannot.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { projectRoot } from './figures.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flockwise-setup-'))
  mkdirSync(join(root, 'commands'))
  copyFileSync(join(projectRoot, 'setup.mjs'), join(root, 'setup.mjs'))
  lock('24.0.0')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function lock(version: string): void {
  const packages = {
    '': {},
    'node_modules/node': { version },
    'node_modules/mac-only': { version: '1.0.0', optional: true },
  }
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }))
}

function npm(script: string): void {
  writeFileSync(join(root, 'commands/npm'), `#!/bin/sh\necho called >> npm-calls\n${script}\n`)
  chmodSync(join(root, 'commands/npm'), 0o755)
}

/** Leaves what npm leaves: its list of what it installed, and the pinned Node. */
function installing(version: string): string {
  const installed = JSON.stringify({ packages: { 'node_modules/node': { version } } })
  return `mkdir -p node_modules/.bin
printf '#!/bin/sh\\necho v${version}\\n' > node_modules/.bin/node
chmod +x node_modules/.bin/node
echo '${installed}' > node_modules/.package-lock.json`
}

function setup(...args: string[]) {
  const env = { PATH: `${join(root, 'commands')}:/usr/bin:/bin`, FLOCKWISE_NO_APT: '1' }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['setup.mjs', ...args], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  return { status, said: `${stdout}${stderr}`, npmCalls: calls() }
}

function calls(): number {
  const log = join(root, 'npm-calls')
  return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0
}

it('installs once, says why and how long, and is silent when everything is there', () => {
  npm(installing('24.0.0'))
  const first = setup()
  expect(first.said).toMatch(/^set-up: npm ci: dependencies are not installed … done in \d+\.\d s\n$/)
  expect(first).toMatchObject({ status: 0, npmCalls: 1 })
  expect(setup()).toEqual({ status: 0, said: '', npmCalls: 1 })
})

it('installs again when the lock file has moved on', () => {
  npm(installing('24.0.0'))
  setup()
  lock('24.1.0')
  npm(installing('24.1.0'))
  expect(setup().said).toContain('node is not at 24.1.0 as in package-lock.json')
})

it('installs again when the pinned Node does not start', () => {
  npm(installing('24.0.0'))
  setup()
  rmSync(join(root, 'node_modules/.bin/node'))
  expect(setup().said).toContain('the pinned Node 24.0.0 does not start')
})

it.each([
  [
    'the network is away',
    'echo npm error code ENOTFOUND; exit 1',
    'could not reach its registry',
    'check the network',
  ],
  ['npm refuses', 'echo npm error code EUSAGE; exit 1', 'npm ci ended with 1', 'read what npm says above'],
  [
    'install scripts are off',
    `${installing('24.0.0')}; rm node_modules/.bin/node`,
    'does not start',
    'allow install scripts',
  ],
])('says what to do when %s', (_what, script, message, remedy) => {
  npm(script)
  const { status, said } = setup()
  expect(status).toBe(1)
  expect(said).toContain(message)
  expect(said).toContain(`What to do: ${remedy}`)
})

it('names an argument that it does not know', () => {
  expect(setup('--pgae')).toMatchObject({
    status: 1,
    said: expect.stringContaining('unknown argument --pgae'),
  })
})

it('goes on without a system package that it may not install, and names the command', () => {
  npm(installing('24.0.0'))
  const { status, said } = setup('--with', 'no-such-chicken,no-such-egg')
  expect(status).toBe(0)
  expect(said).toContain('sudo apt-get install no-such-chicken no-such-egg')
})

it('goes on without a phone page that is not there', () => {
  npm(installing('24.0.0'))
  expect(setup('--page')).toMatchObject({ status: 0, said: expect.stringContaining('no phone page yet') })
})
