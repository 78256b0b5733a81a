import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { MetricId } from '#domain/metrics.ts'
import { ups } from '../devices/ups.ts'
import { connectTcp } from '../links/tcp.ts'
import { createDeviceCounters } from '../reporting/device-counters.ts'
import type { Line, Values } from './line.ts'
import { createUpsLine } from './ups-line.ts'

/** Where setup.mjs unpacks Debian's nut-server and its library; else the machine's own. */
const cache = join(import.meta.dirname, '../../node_modules/.cache/debian')
const roots = [cache, '/']
const find = (...paths: string[]) =>
  roots.flatMap((root) => paths.map((path) => join(root, path))).find((path) => existsSync(path))
const upsd = find('lib/nut/upsd', 'usr/lib/nut/upsd')
const driver = find('lib/nut/dummy-ups', 'usr/lib/nut/dummy-ups')
const libraries = ['lib', 'usr/lib'].flatMap((folder) => {
  const at = join(cache, folder)
  return existsSync(at) ? readdirSync(at).map((name) => join(at, name)) : []
})
const env = { ...process.env, LD_LIBRARY_PATH: libraries.join(':') }
const canRun = (program: string | undefined) =>
  program !== undefined && spawnSync(program, ['-V'], { env }).status === 0
const missing = canRun(upsd) && canRun(driver) ? '' : ' (skipped: nut-server is not installed)'

const until = (check: () => void, ms = 8_000) => vi.waitFor(check, { timeout: ms, interval: 20 })
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function watch(port: number, name = 'coop', metrics: Record<string, string> = {}) {
  const counters = createDeviceCounters()
  const values: Values[] = []
  const clock = { now: Date.now, monotonic: () => performance.now() }
  const via = { type: 'nut', host: '127.0.0.1', port, ups: name } as const
  const config = { id: 'ups-1', house: 'h1', model: 'ups', metrics }
  const device = {
    config,
    counters,
    values: (_t: number, said: Values) => void values.push(said),
    block() {},
    sound() {},
    thermal() {},
    picture() {},
  }
  const link = { id: 'ups', via, devices: [config] }
  const line: Line = createUpsLine(
    { link, devices: [device], connect: connectTcp(via), clock, random: () => 0.5, onStatus() {} },
    device,
    ups,
    50,
  )
  closers.push(() => line.close())
  return {
    last: (metric: MetricId) => values.at(-1)?.[metric],
    all: () => values.at(-1),
    health: () => counters.health(clock.now(), line.status()),
  }
}

describe.skipIf(missing !== '')(`a UPS behind the real upsd${missing}`, () => {
  let folder: string
  let port: number
  const children: ChildProcess[] = []

  /** `dummy-ups` reads this file again and again: what it says is what the UPS says. */
  const say = (variables: Record<string, string | number>) => {
    const lines = Object.entries(variables).map(([name, value]) => `${name}: ${value}`)
    writeFileSync(join(folder, 'coop.dev'), `${lines.join('\n')}\n`)
  }
  const start = (program: string, ...args: string[]) => {
    const child = spawn(program, args, {
      env: { ...env, NUT_CONFPATH: folder, NUT_STATEPATH: folder, NUT_ALTPIDPATH: folder },
      stdio: 'ignore',
    })
    children.push(child)
    return child
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nut-'))
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    port = (free.address() as AddressInfo).port
    free.close()
    await once(free, 'close')
    say({ 'ups.status': 'OL', 'battery.charge': 100, 'battery.runtime': 1800, 'ups.realpower': 120 })
    writeFileSync(
      join(folder, 'ups.conf'),
      `pollinterval = 1\n[coop]\n  driver = dummy-ups\n  port = ${join(folder, 'coop.dev')}\n  mode = dummy-loop\n`,
    )
    writeFileSync(join(folder, 'upsd.conf'), `LISTEN 127.0.0.1 ${port}\nMAXAGE 3\n`)
    writeFileSync(join(folder, 'upsd.users'), '')
    for (const file of ['ups.conf', 'upsd.conf', 'upsd.users']) chmodSync(join(folder, file), 0o600)
    const user = process.getuid?.() === 0 ? ['-u', 'root'] : []
    start(driver ?? '', '-a', 'coop', '-D', ...user)
    await until(() => expect(existsSync(join(folder, 'dummy-ups-coop'))).toBe(true))
    start(upsd ?? '', '-D', ...user)
  })
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'close')
    }
    rmSync(folder, { recursive: true, force: true })
  })

  it('tells charge, runtime, power and when the mains go', { timeout: 30_000 }, async () => {
    const line = watch(port)
    await until(() =>
      expect(line.all()).toEqual({
        'power.mains': 1,
        'device.battery': 100,
        'power.runtime': 30,
        'power.active': 120,
      }),
    )
    say({ 'ups.status': 'OB LB', 'battery.charge': 12, 'battery.runtime': 240 })
    await until(() => expect(line.last('power.mains')).toBe(0))
    await until(() => expect(line.all()).toMatchObject({ 'device.battery': 12, 'power.runtime': 4 }))
    expect(line.health().error).toBe('its battery is nearly empty')
    say({ 'ups.status': 'OL', 'battery.charge': 40 })
    await until(() => expect(line.last('power.mains')).toBe(1))
    await until(() => expect(line.health().error).toBeUndefined())
  })

  it('says so when the server has lost its UPS, and says no old value', { timeout: 30_000 }, async () => {
    const line = watch(port)
    await until(() => expect(line.last('power.mains')).toBe(1))
    children[0]?.kill('SIGKILL')
    await until(() =>
      expect(line.health().error).toMatch(/^the NUT server says (DATA-STALE|DRIVER-NOT-CONNECTED)$/),
    )
    const { frames } = line.health()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(line.health().frames).toBe(frames)
  })

  it('says that there is no UPS of this name', async () => {
    const line = watch(port, 'barn')
    await until(() => expect(line.health().error).toBe('the NUT server says UNKNOWN-UPS'))
  })
})

it('says nothing of a variable that is not there, not a number or not wanted, and comes back', async () => {
  let status = 'CAL'
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => {
      socket.write(`BEGIN LIST VAR coop\nVAR coop ups.status "${status}"\nVAR coop battery.charge "n/a"\n`)
      socket.write('VAR coop ups.realpower "80"\nEND LIST VAR coop\n')
      if (status === 'OL') socket.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => server.close())
  const line = watch((server.address() as AddressInfo).port, 'coop', { power: 'none' })
  await until(() => expect(line.health().frames).toBeGreaterThan(1))
  expect(line.all()).toEqual({})
  status = 'OL'
  await until(() => expect(line.all()).toEqual({ 'power.mains': 1 }))
  await until(() => expect(line.health().reopened).toBeGreaterThan(0))
})
