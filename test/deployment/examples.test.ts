import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { inProject, programPath, readText, root } from './project.ts'

/** What the documentation tells people to type, typed: the real programs, as processes, with their real clients. */
let folder = ''
let running: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flockwise-examples-'))
})
afterEach(async () => {
  await Promise.all(
    running.map((child) => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      if (child.exitCode !== null || child.signalCode !== null) return undefined
      child.kill()
      return ended
    }),
  )
  running = []
  rmSync(folder, { recursive: true })
})

/** Starts a program and waits for each of the patterns in what it says. */
async function start(main: string, env: Record<string, string>, ...patterns: RegExp[]): Promise<string[]> {
  const child = spawn(process.execPath, [inProject(main)], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', ...env },
  })
  running.push(child)
  let said = ''
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said += chunk
      const found = patterns.map((pattern) => said.match(pattern)?.[1])
      if (found.every((text) => text !== undefined)) resolve(found)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', (code) => reject(new Error(`${main} ended with ${code}:\n${said}`)))
    setTimeout(() => reject(new Error(`${main} did not get ready:\n${said}`)), 40_000).unref()
  })
}

/** The shell examples of a page, in their order, as one script. */
const shellExamples = (page: string, wanted: RegExp): string =>
  [...readText(page).matchAll(/^```sh\n([\s\S]*?)^```/gm)]
    .map(([, code]) => code as string)
    .filter((code) => wanted.test(code))
    .join('\n')

const shell = (script: string, env: Record<string, string>) =>
  spawnSync('bash', ['--norc', '-eu', '-c', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', ...env },
  })

it('the HTTP examples work on a fresh cloud', async (context) => {
  if (!programPath('curl')) context.skip('curl is not installed')
  const [code = '', url = ''] = await start(
    'cloud/main.ts',
    { FLOCKWISE_PORT: '0', FLOCKWISE_DATA_DIR: folder, FLOCKWISE_LOG: 'error' },
    /Set-up code: (\S+)/,
    /listening on (http:\S+)/,
  )
  const person = { login: 'farmer', password: 'hens lay in the morning' }
  const setup = await fetch(`${url}/api/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...person, code, name: 'Farmer' }),
  })
  expect(setup.status).toBe(201)
  const script = shellExamples('docs/integrator/http-api.md', /curl/)
  expect(script.match(/curl /g)?.length).toBeGreaterThan(7)
  const result = shell(script, { CLOUD: url, LOGIN: person.login, PASSWORD: person.password })
  expect(result).toMatchObject({ status: 0 })
  expect(result.stdout).toContain('"present":12000')
  expect(result.stdout).toContain('"kind":"died"')
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect(((await (await fetch(`${url}/api/openapi.json`)).json()) as { openapi: string }).openapi).toBe(
    '3.1.0',
  )
}, 120_000)

it('the example farm.yaml starts an edge, and the MQTT examples reach its store', async (context) => {
  if (!programPath('mosquitto_pub'))
    context.skip('mosquitto_pub is not installed (Debian: mosquitto-clients)')
  const token = 'a token for this test'
  const config = join(folder, 'farm.yaml')
  writeFileSync(
    config,
    readText('deploy/example/farm.yaml')
      .replace('0'.repeat(64), createHash('sha256').update(token).digest('hex'))
      .replace('dataDir: /var/lib/flockwise', `dataDir: ${folder}/data`)
      .replace('{ host: 0.0.0.0, port: 1883 }', '{ host: 127.0.0.1, port: 0 }')
      .replace('port: 8081', 'port: 0')
      .replace('https://flockwise.example', 'http://127.0.0.1:1'),
  )
  const [mqttPort = '', httpPort = ''] = await start(
    'edge/main.ts',
    { FLOCKWISE_CONFIG: config },
    /mqtt (\d+)/,
    /http (\d+)/,
  )
  const script = shellExamples('docs/integrator/mqtt.md', /mosquitto_pub/)
  expect(script.match(/mosquitto_pub /g)?.length).toBe(4)
  expect(shell(script, { EDGE: '127.0.0.1', PORT: mqttPort, TOKEN: token })).toMatchObject({
    status: 0,
    stderr: '',
  })
  const health = (await (await fetch(`http://127.0.0.1:${httpPort}/health`)).json()) as {
    isWell: boolean
    stored: { readings: number }
    counters: Record<string, number>
  }
  expect(health.isWell).toBe(true)
  // Two of one moment, two of a backlog, one head-count.
  expect(health.stored.readings).toBe(5)
  expect(Object.keys(health.counters).filter((name) => /^(mqtt|rejected)\./.test(name))).toEqual([])
}, 120_000)
