import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { stringify } from 'yaml'

const folder = mkdtempSync(join(tmpdir(), 'bridge-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function start(config: string | undefined, ...args: string[]) {
  const file = join(folder, `${Math.random()}.yaml`)
  if (config !== undefined) writeFileSync(file, config)
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    env: { ...process.env, FLOCKWISE_CONFIG: file },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString()
    })
  }
  return { child, file, output: () => output, ended: once(child, 'close') }
}

const house = { id: 'h1', name: 'House 1', timeZone: 'Asia/Shanghai' }
const right = {
  houses: [house],
  edge: { dataDir: 'data', mqtt: { host: '127.0.0.1', port: 1 }, http: { host: '127.0.0.1', port: 0 } },
  bridge: { mqttUrl: 'mqtt://127.0.0.1:1', user: 'bridge', tokenFile: 'token' },
  users: [{ id: 'bridge', tokenSha256: '0'.repeat(64), bridge: true }],
  links: [
    {
      id: 'scale',
      via: { type: 'tcp', host: '127.0.0.1', port: 1 },
      devices: [{ id: 'scale-1', house: 'h1', model: 'xk3190' }],
    },
  ],
  mqttDevices: [],
  outputs: [],
}

it('names all mistakes of a configuration at once and ends with 2', async () => {
  const [scale] = right.links
  const wrong = {
    ...right,
    houses: [{ ...house, timeZone: 'Mars/Base' }],
    bridge: { ...right.bridge, user: 'nobody', mqttUrl: 'http://edge' },
    links: [
      { ...scale, devices: [{ id: 'scale-1', house: 'h1', model: 'xk-3190' }] },
      {
        ...scale,
        id: 'bus',
        devices: [
          { id: 'climate', house: 'h2', model: 'louver-shield', metrics: { temprature: 'air.temperature' } },
          { id: 'relay', house: 'h1', model: 'relay-8ch', unit: 3 },
          { id: 'nh3', house: 'h1', model: 'nh3-x1', unit: 3 },
          { id: 'scale-2', house: 'h1', model: 'xk3190' },
        ],
      },
    ],
    outputs: [{ house: 'h1', device: 'nh3', output: 'siren' }],
  }
  const { ended, output } = start(stringify(wrong))
  expect((await ended)[0]).toBe(2)
  for (const said of [
    '"Mars/Base" is no time zone',
    '/bridge/mqttUrl',
    'there is no user "nobody"',
    '"xk-3190" is not one of xk3190, xk3190-f1',
    'there is no house "h2"',
    'louver-shield needs its Modbus address',
    'louver-shield has no "temprature"; its fields are humidity, temperature, co2, light',
    'two devices on this link answer to 3',
    'xk3190 sends by itself and needs a link of its own',
    '"nh3" (nh3-x1) has no siren',
  ]) {
    expect(output()).toContain(said)
  }
  expect(output()).toContain('has 10 mistakes')
})

it.each([
  ['a missing file', undefined, [], 'ENOENT'],
  ['a file that is no YAML', 'a: [', [], 'cannot be read'],
  ['an empty file', '', [], 'mistake'],
  ['a missing token', stringify(right), [], "the bridge's token cannot be read"],
])('ends with 2 and a reason for %s', async (_, config, args, reason) => {
  const { ended, output } = start(config, ...args)
  expect((await ended)[0]).toBe(2)
  expect(output()).toContain(reason)
  expect(output()).not.toContain('    at ')
})

it('refuses to record a link that is not there', async () => {
  writeFileSync(join(folder, 'token'), 'secret\n')
  const { ended, output } = start(stringify(right), '--record', 'nothing=x.jsonl')
  expect((await ended)[0]).toBe(2)
  expect(output()).toContain('write <link>=<file>')
})

/** It ends within a second; a busy machine may take some more. What hangs never ends. */
const ENDED_WITHIN_MS = 5_000

it.each(['SIGTERM', 'SIGINT'] as const)('records, and on %s ends soon with 0', async (signal) => {
  writeFileSync(join(folder, 'token'), 'secret\n')
  const scale = createServer((socket) => {
    socket.on('error', () => {})
    socket.write(Buffer.from('022b30303135363030313903', 'hex'))
  })
  scale.listen(0, '127.0.0.1')
  await once(scale, 'listening')
  const { port } = scale.address() as AddressInfo
  const recording = join(folder, `${signal}.jsonl`)
  const links = right.links.map((link) => ({ ...link, via: { ...link.via, port } }))
  const { child, ended, output } = start(
    JSON.stringify({ ...right, links }),
    '--record',
    `scale=${recording}`,
  )
  await vi.waitFor(() => expect(output()).toContain('link scale: open'), { timeout: 10_000 })
  await vi.waitFor(() => expect(readFileSync(recording, 'utf8')).toContain('022b30303135363030313903'), {
    timeout: 5000,
  })
  const startedAt = performance.now()
  child.kill(signal)
  expect((await ended)[0]).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(ENDED_WITHIN_MS)
  scale.close()
})
