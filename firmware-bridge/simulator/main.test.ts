import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SimulatorPorts } from './farm-layout.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flockwise-simulator-'))
})
afterAll(() => rm(dir, { recursive: true }))

const start = async (config: unknown) => {
  const file = join(dir, 'simulator.json')
  await writeFile(file, typeof config === 'string' ? config : JSON.stringify(config))
  return spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url))], {
    env: { ...process.env, FLOCKWISE_SIMULATOR: file },
  })
}
const house = {
  id: 'h1',
  breed: 'ross-308-2022',
  placedOn: '2026-04-01',
  birds: 20_000,
  timeZone: 'Asia/Shanghai',
}

describe('the simulator as a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'prints its ports, and ends within a second of %s',
    async (signal) => {
      // A broker that is not there, a client on the line: neither holds it up.
      const mqtt = { url: 'mqtt://127.0.0.1:1', users: { logger: 'x', 'h1-esp': 'y' } }
      const child = await start({ seed: 1, houses: [house], mqtt, historyDays: 1 })
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
      const ports = JSON.parse(line) as SimulatorPorts
      const client = createConnection(ports.houses['h1']?.scale ?? 0, '127.0.0.1')
      client.on('error', () => {})
      await once(client, 'data')
      const exit = once(child, 'exit')
      const asked = performance.now()
      child.kill(signal)
      expect(await exit).toEqual([0, null])
      expect(performance.now() - asked).toBeLessThan(1000)
      client.destroy()
    },
    30_000,
  )

  it.each([
    ['{"seed":1', 'cannot be read'],
    [{ seed: 1, houses: [{ ...house, breed: 'ostrich' }] }, '/houses/0/breed'],
  ])(
    'says what is wrong with its configuration: %j',
    async (config, words) => {
      const child = await start(config)
      let said = ''
      child.stderr.on('data', (text) => {
        said += text
      })
      const [code] = await once(child, 'exit')
      expect(code).toBe(1)
      expect(said).toContain(words)
    },
    30_000,
  )
})
