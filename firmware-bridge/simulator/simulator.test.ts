import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import { afterEach, describe, expect, it } from 'vitest'
import type { Clock } from '#domain/time.ts'
import { parseTopic, type Sample } from '#domain/topics.ts'
import { gyMcu90640 } from '../devices/gy-mcu90640.ts'
import { xk3190 } from '../devices/xk3190.ts'
import type { Framer } from '../framers/framer.ts'
import type { ModbusAnswer, ModbusRequest } from '../framers/modbus-pdu.ts'
import { createAnswerFramer, encodeRequest } from '../framers/modbus-rtu.ts'
import { connectToEdge } from '../reporting/edge-connection.ts'
import { createSimulator, type Simulator, type SimulatorOptions } from './simulator.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

const clock: Clock = { now: Date.now, monotonic: () => performance.now() }
const placedOn = new Date(Date.now() - 24 * 86_400_000).toISOString().slice(0, 10)
const house = (id: string) => ({
  id,
  breed: 'ross-308-2022',
  placedOn,
  birds: 20_000,
  timeZone: 'Asia/Shanghai',
})

const farm = async (options: Partial<SimulatorOptions> = {}): Promise<Simulator> => {
  const simulator = await createSimulator({
    seed: 7,
    houses: [house('h1')],
    clock,
    connectToEdge,
    ...options,
  })
  open.push(simulator)
  return simulator
}
const portsOf = (simulator: Simulator, id = 'h1') => {
  const ports = simulator.ports.houses[id]
  if (!ports) throw new Error(`no house ${id}`)
  return ports
}
const dial = async (port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  open.push({ close: () => socket.destroy() })
  await once(socket, 'connect')
  return socket
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const until = async <T>(ask: () => T | undefined, withinMs = 4000): Promise<T> => {
  for (const end = Date.now() + withinMs; Date.now() < end; await pause(10)) {
    const found = ask()
    if (found !== undefined) return found
  }
  throw new Error('it did not come')
}

/** Everything that a line says, through the framer that the bridge uses. */
const listen = <Frame>(socket: Socket, framer: Framer<Frame>) => {
  const frames: Frame[] = []
  let discarded = 0
  socket.on('data', (bytes: Buffer) => {
    for (const framed of framer.push(bytes)) {
      if (framed.kind === 'frame') frames.push(framed.frame)
      else discarded++
    }
  })
  return { frames, discarded: () => discarded }
}
const ask = async (
  socket: Socket,
  request: ModbusRequest,
  withinMs = 300,
): Promise<ModbusAnswer | undefined> => {
  const { frames } = listen(socket, createAnswerFramer([request]))
  socket.write(encodeRequest(request))
  const answered = await until(() => frames[0], withinMs).catch(() => undefined)
  socket.removeAllListeners('data')
  return answered?.answer
}

describe('the lines of a house', () => {
  it('carry a scale at 10 Hz and a thermal array at 2 Hz in frames that the bridge reads', async () => {
    const { scale, thermal } = portsOf(await farm())
    const loads = listen(await dial(scale), xk3190.createFramer())
    const pictures = listen(await dial(thermal), gyMcu90640.createFramer())
    const started = performance.now()
    const before = loads.frames.length
    await pause(2000)
    const tenths = (performance.now() - started) / 100
    expect(Math.abs(loads.frames.length - before - tenths)).toBeLessThan(6)
    expect(loads.discarded()).toBe(0)
    for (const { grams } of loads.frames) expect(Math.abs(grams ?? Number.NaN)).toBeLessThan(10_000)
    expect(pictures.frames.length).toBeGreaterThanOrEqual(2)
    expect(pictures.frames.length).toBeLessThan(tenths / 5 + 4)
    expect(Math.max(...(pictures.frames[0]?.centiC ?? []))).toBeGreaterThan(3500)
  })

  it('answer for every slave of the bus, and refuse registers that are not there', async () => {
    const simulator = await farm()
    const bus = await dial(portsOf(simulator).bus)
    const air = await ask(bus, { unit: 1, fc: 3, address: 0, count: 6 })
    const words = air?.kind === 'values' ? air.values : []
    const truth = simulator.state().houses['h1']?.air
    expect(Math.abs((words[1] ?? 0) / 10 - (truth?.temperatureC ?? 0))).toBeLessThan(0.5)
    expect(Math.abs((words[5] ?? 0) - (truth?.co2Ppm ?? 0))).toBeLessThan(60)
    const nh3 = await ask(bus, { unit: 2, fc: 3, address: 0, count: 1 })
    expect(nh3).toMatchObject({ kind: 'values' })
    expect(await ask(bus, { unit: 3, fc: 2, address: 0, count: 8 })).toEqual({
      kind: 'values',
      values: [1, 1, 0, 0, 0, 0, 0, 0],
    })
    expect(await ask(bus, { unit: 2, fc: 3, address: 99, count: 1 })).toEqual({ kind: 'exception', code: 2 })
    expect(await ask(bus, { unit: 9, fc: 3, address: 0, count: 1 }, 300)).toBeUndefined()
  })

  it('let a written coil act: the siren with the time it closed, the emergency fan on the air', async () => {
    const simulator = await farm()
    const bus = await dial(portsOf(simulator).bus)
    expect(simulator.state().houses['h1']?.siren).toEqual({
      on: false,
      switchedAt: 0,
      switchedAtMonotonic: 0,
    })
    const before = Date.now()
    expect(await ask(bus, { unit: 3, fc: 5, address: 0, on: true })).toEqual({ kind: 'written' })
    const siren = simulator.state().houses['h1']?.siren
    expect(siren?.on).toBe(true)
    expect(siren?.switchedAt).toBeGreaterThanOrEqual(before)
    expect(siren?.switchedAt).toBeLessThanOrEqual(Date.now())
    // Written again it has not switched again.
    await ask(bus, { unit: 3, fc: 5, address: 0, on: true })
    expect(simulator.state().houses['h1']?.siren).toEqual(siren)
    await ask(bus, { unit: 3, fc: 5, address: 1, on: true })
    expect(simulator.state().houses['h1']?.ventilation.emergencyFan).toBe(true)
    const coils = await ask(bus, { unit: 3, fc: 1, address: 0, count: 8 })
    expect(coils).toEqual({ kind: 'values', values: [1, 1, 0, 0, 0, 0, 0, 0] })
  })

  it('break by fault: a slave, a line, the noise on it, the fans behind the contact', async () => {
    const simulator = await farm()
    const ports = portsOf(simulator)
    const bus = await dial(ports.bus)
    const fault = (change: Omit<Parameters<Simulator['setFault']>[0], 'house'>) =>
      simulator.setFault({ house: 'h1', ...change })

    await fault({ fault: 'silent-slave', unit: 2, on: true })
    expect(await ask(bus, { unit: 2, fc: 3, address: 0, count: 1 }, 300)).toBeUndefined()
    expect(await ask(bus, { unit: 1, fc: 3, address: 0, count: 1 })).toBeDefined()
    await fault({ fault: 'silent-slave', unit: 2, on: false })
    expect(await ask(bus, { unit: 2, fc: 3, address: 0, count: 1 })).toBeDefined()

    await fault({ fault: 'fan-failure', on: true })
    expect(await ask(bus, { unit: 3, fc: 2, address: 0, count: 8 })).toMatchObject({
      values: [0, 1, 0, 0, 0, 0, 0, 0],
    })

    const thermal = await dial(ports.thermal)
    const { frames, discarded } = listen(thermal, gyMcu90640.createFramer())
    await fault({ fault: 'noisy-line', on: true })
    await until(() => (discarded() > 0 ? true : undefined), 8000)
    await fault({ fault: 'noisy-line', on: false })
    const seen = frames.length
    await until(() => (frames.length > seen ? true : undefined))

    const closed = once(bus, 'close')
    await fault({ fault: 'cut-line', line: 'bus', on: true })
    await closed
    await expect(dial(ports.bus)).rejects.toThrow('ECONNREFUSED')
    expect(thermal.destroyed).toBe(false)
    await fault({ fault: 'cut-line', line: 'bus', on: false })
    await dial(ports.bus)
    expect(await simulator.setFault({ house: 'h7', fault: 'ammonia', on: true })).toContain('h7')
  }, 20_000)
})

describe('the control server', () => {
  const post = (port: number, body: string) =>
    fetch(`http://127.0.0.1:${port}/faults`, { method: 'POST', body })

  it('tells the truth and takes faults', async () => {
    const simulator = await farm({ houses: [house('h1'), house('h2')] })
    const { control } = simulator.ports
    expect((await post(control, JSON.stringify({ house: 'h2', fault: 'power-cut', on: true }))).status).toBe(
      200,
    )
    const answer = await fetch(`http://127.0.0.1:${control}/state`)
    const state = (await answer.json()) as ReturnType<Simulator['state']>
    expect(state.houses['h1']?.mains).toBe(true)
    expect(state.houses['h2']?.mains).toBe(false)
    expect(state.houses['h2']?.faults).toEqual(['power-cut'])
  })

  it.each([
    ['{', 400],
    [JSON.stringify({ house: 'h1', fault: 'earthquake', on: true }), 400],
    [JSON.stringify({ house: 'h1', fault: 'ammonia' }), 400],
    [JSON.stringify({ house: 'h9', fault: 'ammonia', on: true }), 404],
    ['x'.repeat(20_000), 413],
  ])('refuses %.40s', async (body, status) => {
    const { control } = (await farm()).ports
    const answer = await post(control, body)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toHaveProperty('error')
  })
})

describe('what speaks MQTT', () => {
  it('logs in with its own token and publishes as itself; the logger sends the history', async () => {
    const aedes = await Aedes.createBroker()
    const logins: Record<string, string> = {}
    aedes.authenticate = (_client, user, password, done) => {
      logins[user ?? ''] = String(password)
      done(null, true)
    }
    const topics = new Map<string, string>()
    const samples: { device: string; sample: Sample }[] = []
    aedes.on('publish', ({ topic, payload }, client) => {
      if (!client) return
      topics.set(topic, String(payload))
      const device = parseTopic(topic)?.device
      if (device)
        for (const sample of JSON.parse(String(payload)) as Sample[]) samples.push({ device, sample })
    })
    const broker = createServer((socket) => aedes.handle(socket))
    broker.listen(0, '127.0.0.1')
    await once(broker, 'listening')
    open.push({
      close: () => new Promise((resolve) => aedes.close(() => broker.close(() => resolve(undefined)))),
    })

    const url = `mqtt://127.0.0.1:${(broker.address() as AddressInfo).port}`
    const users = { logger: 'l', 'h1-esp': 'e', 'h1-zigbee': 'z' }
    const simulator = await farm({ mqtt: { url, users }, historyDays: 2 })
    await until(() => (simulator.state().history.phase === 'done' ? true : undefined), 10_000)
    await until(() =>
      topics.has('zigbee2mqtt/h1-climate') && topics.has('esphome/h1-meters/status') ? true : undefined,
    )

    expect(logins).toEqual(users)
    expect(topics.get('esphome/h1-meters/status')).toBe('online')
    expect(Number(topics.get('esphome/h1-meters/sensor/water_total/state'))).toBeGreaterThan(1000)
    expect(JSON.parse(topics.get('zigbee2mqtt/h1-climate') ?? '')).toMatchObject({
      temperature: expect.any(Number),
      humidity: expect.any(Number),
      linkquality: expect.any(Number),
    })
    const { history } = simulator.state()
    expect(history.acknowledged).toBe(history.messages)
    expect(samples).toHaveLength(history.samples)
    expect(new Set(samples.map(({ device }) => device)).size).toBe(7)
  }, 20_000)
})
