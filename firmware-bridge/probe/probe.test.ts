import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { LinkConfig } from '#domain/config.ts'
import { createTestPeer } from '../bus/test-peer.ts'
import type { LoadDefinition, ModbusDefinition, ThermalDefinition } from '../devices/definition.ts'
import { createCatalogue, findDevice } from '../devices/index.ts'
import { profileDevice } from '../devices/profile-device.ts'
import { connectLine } from '../links/connect-line.ts'
import { listPorts } from '../links/serial-ports.ts'
import { readBridgeFile } from '../read-bridge-file.ts'
import { openLineServer } from '../simulator/wire/line-server.ts'
import { probeLine } from './probe.ts'
import { describe as describeProbed, linksFor, parsePort } from './report.ts'

const clock = { now: Date.now, monotonic: () => performance.now() }
let folder = ''
const ends: (() => unknown)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'probe-'))
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  rmSync(folder, { recursive: true, force: true })
})

/** A line of the simulator on which a device sends by itself. */
async function sending(next: () => Uint8Array, everyMs = 100): Promise<number> {
  const line = await openLineServer({ port: 0, disturb: (bytes) => bytes })
  const timer = setInterval(() => line.send(next()), everyMs)
  ends.push(
    () => line.close(),
    () => clearInterval(timer),
  )
  return line.port
}

const modbus = (model: string) => findDevice(model) as ModbusDefinition
const load = (model: string) => findDevice(model) as LoadDefinition
const tcp = (port: number): LinkConfig => ({ type: 'tcp', host: '127.0.0.1', port })

const probe = (via: LinkConfig, units: number[] = [1, 2, 3], own: ModbusDefinition[] = []) =>
  probeLine(via, { catalogue: createCatalogue(own), clock, connectLine, units, listenMs: 700, say() {} })

it.each(['xk3190', 'xk3190-a12', 'toledo', 'toledo-checksum', 'toledo-short', 'and', 'line-scale'])(
  'names a scale that speaks like %s, and says what it shows',
  async (model) => {
    const definition = load(model)
    const probed = await probe(tcp(await sending(() => definition.encode({ grams: 1560 }))))
    expect(probed.kind === 'stream' && probed.matches[0]).toMatchObject({
      model,
      says: '1560 g',
      isUsual: true,
    })
    expect(linksFor([probed], 'h1', [])[0]?.devices).toEqual([{ id: `h1-${model}`, house: 'h1', model }])
  },
)

it('offers both formats where the bytes fit both, for the display to tell', async () => {
  const probed = await probe(tcp(await sending(() => load('xk3190-f1').encode({ grams: 1560 }))))
  if (probed.kind !== 'stream') expect.unreachable()
  expect(probed.matches.map(({ model, says }) => [model, says]).sort()).toEqual([
    ['xk3190-f1', '1560 g'],
    ['xk3190-f2', expect.stringMatching(/ g$/)],
  ])
})

it('names a thermal module and how warm its picture is', async () => {
  const camera = findDevice('gy-mcu90640') as ThermalDefinition
  const centiC = new Int16Array(768).fill(2500)
  centiC[7] = 3900
  const probed = await probe(tcp(await sending(() => camera.encode({ ambientCentiC: 2700, centiC }))))
  expect(describeProbed('camera', probed)).toBe('camera\n  gy-mcu90640: 25 to 39 °C')
})

it('says that bytes came which nobody knows', async () => {
  const probed = await probe(tcp(await sending(() => new Uint8Array(50).fill(0xa5))))
  expect(probed).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('no model reads them') })
})

it.each(['tcp', 'modbus-tcp'] as const)(
  'scans a bus over %s, names what is there and notices a swapped order',
  { timeout: 30_000 },
  async (type) => {
    const models = { 1: 'louver-shield', 2: 'r444a01', 3: 'xy-md02' } as const
    const bus = await createTestPeer(
      { 1: modbus(models[1]), 2: modbus(models[2]), 3: modbus(models[3]) },
      type === 'tcp' ? 'rtu' : 'tcp',
    )
    ends.push(() => bus.close())
    bus.set(1, { humidity: 61.5, temperature: 24.3, co2: 1800, light: 30 })
    bus.set(2, { humidity: 61.5, temperature: 24.3 })
    bus.set(3, { humidity: 61.5, temperature: 24.3 })
    const probed = await probe({ type, host: '127.0.0.1', port: bus.port }, [1, 2, 3, 4])
    if (probed.kind !== 'bus') expect.unreachable()
    expect(probed.units.map(({ unit, matches }) => [unit, matches[0]?.model])).toEqual([
      [1, 'louver-shield'],
      [2, 'r444a01'],
      [3, 'xy-md02'],
    ])
    expect(linksFor([probed], 'h1', ['h1-bus'])).toEqual([
      {
        id: 'h1-bus-2',
        via: { type, host: '127.0.0.1', port: bus.port },
        devices: [1, 2, 3].map((unit) => {
          const model = models[unit as 1 | 2 | 3]
          return { id: `h1-${model}`, house: 'h1', model, unit }
        }),
      },
    ])
  },
)

it('tells how to find out where temperature and humidity could be either', { timeout: 20_000 }, async () => {
  const definition = profileDevice({
    model: 'anonymous',
    fields: [
      { name: 'first', metric: 'air.temperature', address: 0, scale: 0.1 },
      { name: 'second', metric: 'air.humidity', address: 1, scale: 0.1 },
    ],
  })
  const swapped = profileDevice({
    model: 'swapped',
    fields: [
      { name: 'first', metric: 'air.humidity', address: 0, scale: 0.1 },
      { name: 'second', metric: 'air.temperature', address: 1, scale: 0.1 },
    ],
  })
  const bus = await createTestPeer({ 1: definition })
  ends.push(() => bus.close())
  bus.set(1, { first: 30, second: 35 })
  const either = await probe(tcp(bus.port), [1], [swapped])
  expect(either.kind === 'bus' && either.units[0]?.note).toContain('breathe on the sensor')
  bus.set(1, { first: 24, second: 61 })
  const sure = await probe(tcp(bus.port), [1], [swapped])
  if (sure.kind !== 'bus') expect.unreachable()
  expect(sure.units[0]?.matches[0]?.model).toBe('r444a01')
  expect(sure.units[0]?.note).toContain('swapped: 61 °C, 24 %')
})

it('says that nobody answers, and that a port cannot be opened', { timeout: 20_000 }, async () => {
  const quiet = await createTestPeer({})
  ends.push(() => quiet.close())
  expect(await probe(tcp(quiet.port), [1])).toMatchObject({ kind: 'silent' })
  expect(await probe({ type: 'serial', path: '/dev/nowhere', baudRate: 9600 })).toMatchObject({
    kind: 'closed',
    reason: expect.stringContaining('/dev/nowhere'),
  })
})

it.each([
  ['/dev/serial/by-id/usb-x', { type: 'serial', path: '/dev/serial/by-id/usb-x', baudRate: 9600 }],
  ['tcp:192.168.1.50:4001', { type: 'tcp', host: '192.168.1.50', port: 4001 }],
  ['modbus-tcp:meter:502', { type: 'modbus-tcp', host: 'meter', port: 502 }],
  ['ttyUSB0', undefined],
])('the port %s', (text, via) => {
  expect(parsePort(text)).toEqual(via)
})

it('lists ports by the name that stays with the adapter, each once', () => {
  for (const name of ['ttyUSB0', 'ttyUSB1']) writeFileSync(join(folder, name), '')
  for (const kind of ['by-id', 'by-path']) mkdirSync(join(folder, kind))
  symlinkSync('../ttyUSB1', join(folder, 'by-id', 'usb-FTDI_FT232R_A50285BI-if00'))
  symlinkSync('../ttyUSB1', join(folder, 'by-path', 'usb-0:1'))
  symlinkSync('../ttyUSB0', join(folder, 'by-path', 'usb-0:2'))
  expect(listPorts(folder)).toEqual([
    { path: join(folder, 'by-id', 'usb-FTDI_FT232R_A50285BI-if00'), device: join(folder, 'ttyUSB1') },
    { path: join(folder, 'by-path', 'usb-0:2'), device: join(folder, 'ttyUSB0') },
  ])
  expect(listPorts(join(folder, 'nowhere'))).toEqual([])
})

const hasSocat = spawnSync('socat', ['-V']).status === 0

it.runIf(hasSocat)(
  'as a command finds a scale behind a serial port and writes it into the configuration (needs socat)',
  { timeout: 40_000 },
  async () => {
    const port = await sending(() => load('xk3190').encode({ grams: 2500 }))
    const tty = join(folder, 'tty')
    const socat = spawn('socat', [`PTY,link=${tty},raw,echo=0`, `TCP:127.0.0.1:${port}`], { stdio: 'ignore' })
    ends.push(() => socat.kill())
    await expect.poll(() => existsSync(tty), { timeout: 5000 }).toBe(true)
    const file = join(folder, 'farm.yaml')
    writeFileSync(
      file,
      [
        'houses: [{ id: h1, name: House 1, timeZone: Asia/Shanghai }]',
        'edge: { dataDir: d, mqtt: { host: 127.0.0.1, port: 1 }, http: { host: 127.0.0.1, port: 0 } }',
        'bridge: { mqttUrl: "mqtt://127.0.0.1:1", user: bridge, tokenFile: token }',
        `users: [{ id: bridge, tokenSha256: ${'a'.repeat(64)}, bridge: true }]`,
        '# the lines of the farm',
        'links: []',
        'mqttDevices: []',
        'outputs: []',
        '',
      ].join('\n'),
    )
    const run = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), tty, '--write', file])
    let output = ''
    run.stdout.on('data', (text: Buffer) => {
      output += text.toString()
    })
    expect((await once(run, 'close'))[0]).toBe(0)
    expect(output).toContain('xk3190: 2500 g')
    expect(readFileSync(file, 'utf8')).toContain('# the lines of the farm')
    const read = readBridgeFile(file)
    if (!read.ok) expect.unreachable(read.message)
    expect(read.config.links).toEqual([
      {
        id: 'h1-line',
        via: { type: 'serial', path: tty, baudRate: 9600 },
        devices: [{ id: 'h1-xk3190', house: 'h1', model: 'xk3190' }],
      },
    ])
  },
)

it('as a command asks for house and name, writes them down, and shows what the device says', {
  timeout: 40_000,
}, async () => {
  const port = await sending(() => load('xk3190').encode({ grams: 2500 }))
  const file = join(folder, 'asked.yaml')
  writeFileSync(
    file,
    [
      'houses: [{ id: h1, name: One, timeZone: Asia/Shanghai }, { id: h2, name: Two, timeZone: Asia/Shanghai }]',
      'links: []',
      '',
    ].join('\n'),
  )
  const args = [`tcp:127.0.0.1:${port}`, '--ask', '--write', file, '--seconds', '4']
  const run = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args])
  let output = ''
  run.stdout.on('data', (text: Buffer) => {
    output += text.toString()
  })
  run.stdin.end('h3\nh2\nNorth Scale\nnorth-scale\n')
  expect((await once(run, 'close'))[0]).toBe(0)
  expect(output).toContain('xk3190: which house? [h1]')
  expect(output).toContain('xk3190: which name? [h2-xk3190]')
  expect(output).toContain('\nnorth-scale: scale.load 2500 g\n')
  expect(readFileSync(file, 'utf8')).toMatch(/id: north-scale[\s\S]*house: h2[\s\S]*model: xk3190/)
})
