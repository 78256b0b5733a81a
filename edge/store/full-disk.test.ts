import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Reading } from '#domain/reading.ts'
import { createEdge } from '../edge.ts'
import { BRIDGE, nodeConfig } from '../test/node-config.ts'
import { mountSmallDisk, type SmallDisk } from '../test/small-disk.ts'
import { connectTo, until } from '../test/wire-client.ts'
import { openStore } from './open-store.ts'

const T0 = Date.UTC(2026, 5, 1)
const readings = (count: number, from = 0): Reading[] =>
  Array.from({ length: count }, (_, index) => ({
    series: { house: 'h1', device: 'd1', metric: 'air.temperature', source: 'sensor', by: '' },
    t: T0 + from + index,
    value: 20,
    quality: 'good',
  }))

let dir: string
let disk: SmallDisk | undefined
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flockwise-full-'))
  disk = mountSmallDisk(join(dir, 'disk'), 1024)
})
afterEach(() => {
  disk?.close()
  rmSync(dir, { recursive: true, force: true })
})

it('opens what is there on a full disk, takes nothing, and takes it once there is room', ({ skip }) => {
  if (!disk) return skip('this user may not mount a disk to fill')
  const data = join(dir, 'disk')
  const first = openStore(data, { now: T0 }).store
  first.commit({ readings: readings(100), events: [] })
  first.close()
  disk.fill()
  const { store, why } = openStore(data, { now: T0 })
  expect(why).toBeUndefined()
  expect(store.latest('h1')).toHaveLength(1)
  expect(store.epoch('readings')).toBe(first.epoch('readings'))
  expect(() => store.commit({ readings: readings(50, 100), events: [] })).toThrow('full')
  disk.makeRoom()
  expect(store.commit({ readings: readings(50, 100), events: [] }).stored).toBe(50)
  store.close()
  const last = openStore(data, { now: T0 }).store
  expect(last.lastNumber('readings')).toBe(150)
  last.close()
})

it('stands in for a file that has no room, and stores what waits when there is', ({ skip }) => {
  if (!disk) return skip('this user may not mount a disk to fill')
  const data = join(dir, 'disk')
  disk.fill()
  const told: string[] = []
  const { store, why } = openStore(join(data, 'edge'), { now: T0, onStale: (text) => told.push(text) })
  expect(why).toContain('full')
  for (let round = 0; round < 2; round++) {
    expect(() => store.commit({ readings: readings(10), events: [] })).toThrow()
  }
  expect([store.lastNumber('readings'), told]).toEqual([0, []])
  disk.makeRoom()
  expect(store.commit({ readings: readings(10), events: [] }).stored).toBe(10)
  expect(told).toEqual(['the database can be opened again'])
  store.close()
  const real = openStore(join(data, 'edge'), { now: T0 })
  expect(real.store.lastNumber('readings')).toBe(10)
  real.store.close()
})

it('judges and sounds the siren from the start on a full disk, and acknowledges nothing', async ({
  skip,
}) => {
  if (!disk) return skip('this user may not mount a disk to fill')
  disk.fill()
  const told: string[] = []
  const edge = await createEdge({
    config: nodeConfig(join(dir, 'disk', 'edge')),
    clock: { boot: '0'.repeat(16), now: Date.now, monotonic: () => performance.now() },
    random: () => 0.5,
    log: () => {},
    onStale: (why) => told.push(why),
  })
  const bridge = await connectTo(edge.mqttPort, BRIDGE)
  try {
    const heard: string[] = []
    bridge.on('message', (_topic, payload) => heard.push(payload.toString()))
    await bridge.subscribeAsync('flockwise/v1/h1/relay-1/command', { qos: 1 })
    let isAcknowledged = false
    const say = (t: number) =>
      bridge.publishAsync(
        'flockwise/v1/h1/relay-1/readings',
        JSON.stringify({ t, values: { 'fan.running': 0 } }),
        { qos: 1 },
      )
    const sent = say(Date.now() - 11_000).then(() => {
      isAcknowledged = true
    })
    await until(() => heard.some((payload) => JSON.parse(payload).on))
    const health = await fetch(`http://127.0.0.1:${edge.httpPort}/health`)
    expect(health.status).toBe(503)
    expect(await health.json()).toMatchObject({ stored: { readings: 0, waiting: 1 } })
    expect(isAcknowledged).toBe(false)
    disk.makeRoom()
    await sent
    expect(told).toEqual(['the database can be opened again'])
  } finally {
    bridge.end(true)
    await edge.close()
  }
  const { store } = openStore(join(dir, 'disk', 'edge'), { now: T0 })
  expect(store.lastNumber('readings')).toBe(1)
  expect(store.openAlarms().map(({ rule }) => rule)).toContain('fan-stopped')
  store.close()
})
