import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { LinkConfig } from '#domain/config.ts'
import type { ModbusDefinition } from '../devices/definition.ts'
import { findDevice } from '../devices/index.ts'
import { connectLine } from '../links/connect-line.ts'
import { createDeviceCounters } from '../reporting/device-counters.ts'
import type { Values } from './line.ts'
import { createModbusLine } from './modbus-line.ts'

/** Debian's own Python, whose packages these are. */
const PYTHON = '/usr/bin/python3'
const hasPymodbus = spawnSync(PYTHON, ['-c', 'import pymodbus.server']).status === 0
const hasSocat = spawnSync('socat', ['-V']).status === 0
const missing =
  hasPymodbus && hasSocat
    ? ''
    : ' (skipped: python3-pymodbus, python3-serial-asyncio or socat is not installed)'

const clock = { now: Date.now, monotonic: () => performance.now() }
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
const until = (check: () => void, ms = 10_000) => vi.waitFor(check, { timeout: ms, interval: 20 })

/** `said()` is all that it wrote to its output. */
function start(program: string, ...args: string[]): { child: ChildProcess; said(): string } {
  let said = ''
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk
  })
  closers.push(async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL'))
      await once(child, 'close')
  })
  return { child, said: () => said }
}

async function startSlaves(...args: string[]): Promise<() => string> {
  const { said } = start(PYTHON, join(import.meta.dirname, 'foreign-slaves.py'), ...args)
  await until(() => expect(said()).toContain('ready'))
  return said
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function openBus(via: LinkConfig) {
  const models = { 1: 'louver-shield', 3: 'relay-8ch' } as const
  const seen = ([1, 3] as const).map((unit) => {
    const said: Values = {}
    const counters = createDeviceCounters()
    const config = { id: `unit-${unit}`, house: 'h1', model: models[unit], unit }
    const values = (_t: number, fresh: Values) => void Object.assign(said, fresh)
    return {
      said,
      counters,
      device: { config, counters, values, block() {}, sound() {}, thermal() {}, picture() {} },
    }
  })
  const devices = seen.map(({ device }) => device)
  const line = createModbusLine(
    {
      link: { id: 'bus', via, devices: devices.map(({ config }) => config) },
      devices,
      connect: connectLine(via, clock),
      clock,
      random: () => 0.5,
      onStatus() {},
    },
    devices.map(({ config }) => findDevice(config.model) as ModbusDefinition),
  )
  closers.push(() => line.close())
  return { line, seen, status: () => seen.map(({ counters }) => counters.health(clock.now(), line.status())) }
}

describe.skipIf(missing !== '')(`slaves of pymodbus${missing}`, () => {
  it.each(['tcp', 'rtu'] as const)(
    'are read and switched over Modbus %s',
    { timeout: 40_000 },
    async (kind) => {
      let via: LinkConfig
      let told: () => string
      if (kind === 'tcp') {
        const port = await freePort()
        told = await startSlaves('tcp', String(port))
        via = { type: 'modbus-tcp', host: '127.0.0.1', port }
      } else {
        const folder = mkdtempSync(join(tmpdir(), 'pymodbus-'))
        closers.push(() => rmSync(folder, { recursive: true, force: true }))
        const [near, far] = [join(folder, 'near'), join(folder, 'far')]
        start('socat', `pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`)
        await until(() => expect(existsSync(near) && existsSync(far)).toBe(true))
        told = await startSlaves('rtu', far)
        via = { type: 'serial', path: near, baudRate: 9600 }
      }
      const { line, seen, status } = openBus(via)
      const [air, relay] = seen
      await until(() =>
        expect(air?.said).toEqual({
          'air.humidity': 61.5,
          'air.temperature': 24.3,
          'air.co2': 1800,
          light: 30,
        }),
      )
      await until(() =>
        expect(relay?.said).toEqual({
          'siren.on': 0,
          'fan.emergency': 0,
          'fan.running': 1,
          'power.mains': 1,
        }),
      )
      if (relay) expect(line.command(relay.device, 'siren', true)).toBe(true)
      await until(() => expect(told()).toContain('coil 0 1'))
      await until(() => expect(relay?.said['siren.on']).toBe(1))
      const before = status().map(({ frames }) => frames)
      await until(() => {
        for (const [index, { frames }] of status().entries())
          expect(frames).toBeGreaterThan(before[index] ?? 0)
      })
      for (const { discarded, error } of status()) {
        expect(discarded['checksum'] ?? 0).toBe(0)
        expect(error).toBeUndefined()
      }
    },
  )
})
