import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from './store/open-store.ts'
import { spawnEdge } from './test/child-edge.ts'
import { BRIDGE, nodeConfig } from './test/node-config.ts'
import { connectTo, pause } from './test/wire-client.ts'

describe('edge process', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'flockwise-main-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('names all five mistakes of a configuration at once and ends with 2', async () => {
    const config = nodeConfig(join(dir, 'data'))
    const broken = {
      ...config,
      houses: [{ id: 'H 1', name: 'One', timeZone: 'Moon/Base' }, ...config.houses],
      mqttDevices: [{ ...config.mqttDevices[0], user: 'nobody', dialect: 'klingon' }],
      outputs: [{ house: 'h9', device: 'relay-1', output: 'siren' }],
    }
    const { code, text } = await spawnEdge(dir, broken).exited
    expect(code).toBe(2)
    for (const mistake of ['"H 1"', '"Moon/Base"', '"nobody"', '"klingon"', '"h9"'])
      expect(text).toContain(mistake)
    expect(text).toContain('5 mistakes')
  })

  it('ends with 0 within 2 s at SIGTERM, with everything stored', async () => {
    const edge = await spawnEdge(dir, nodeConfig(join(dir, 'data'))).ready
    const client = await connectTo(edge.mqttPort, BRIDGE)
    await client.publishAsync(
      'flockwise/v1/h1/air-1/readings',
      JSON.stringify({ t: Date.now(), values: { 'air.temperature': 25 } }),
      { qos: 1 },
    )
    const start = performance.now()
    expect(await edge.end('SIGTERM')).toBe(0)
    expect(performance.now() - start).toBeLessThan(2_000)
    client.end(true)
    const { store } = openStore(join(dir, 'data'), { now: Date.now() })
    expect(store.lastNumber('readings')).toBe(1)
    store.close()
  })

  it('starts with a damaged database, and says so', async () => {
    const data = join(dir, 'data')
    openStore(data, { now: Date.now() }).store.close()
    writeFileSync(join(data, 'edge.db'), 'this is no database, whatever its name says '.repeat(100))
    const edge = await spawnEdge(dir, nodeConfig(data)).ready
    const health = await (await fetch(`http://127.0.0.1:${edge.httpPort}/health`)).json()
    expect(health).toMatchObject({ isWell: true, counters: { 'store.set-aside': 1 } })
    await edge.end('SIGTERM')
  })

  it('has after each kill -9 every reading that it acknowledged', { timeout: 60_000 }, async () => {
    const data = join(dir, 'data')
    const acknowledged: number[] = []
    let t = Date.now() - 60_000
    for (let round = 0; round < 4; round++) {
      const edge = await spawnEdge(dir, nodeConfig(data)).ready
      const client = await connectTo(edge.mqttPort, BRIDGE)
      client.on('error', () => {})
      const isClosed = new Promise<false>((resolve) => client.once('close', () => resolve(false)))
      const lines = Array.from({ length: 20 }, async () => {
        for (;;) {
          const own = t++
          const payload = JSON.stringify({ t: own, values: { 'air.temperature': 25 } })
          const isStored = await Promise.race([
            client.publishAsync('flockwise/v1/h1/air-1/readings', payload, { qos: 1 }).then(
              () => true,
              () => false,
            ),
            isClosed,
          ])
          if (!isStored) return
          acknowledged.push(own)
        }
      })
      await pause(150 + round * 130)
      await edge.end('SIGKILL')
      client.end(true)
      await Promise.all(lines)
    }
    const { store, setAside } = openStore(data, { now: Date.now() })
    const series = {
      house: 'h1',
      device: 'air-1',
      metric: 'air.temperature',
      source: 'sensor',
      by: '',
    } as const
    const stored = store.readingsBetween(series, 0, Number.POSITIVE_INFINITY)
    const last = store.lastNumber('readings')
    store.close()
    expect(setAside).toBeUndefined()
    expect(acknowledged.length).toBeGreaterThan(100)
    const times = new Set(stored.map((reading) => reading.t))
    expect(acknowledged.filter((own) => !times.has(own))).toEqual([])
    expect([times.size, last]).toEqual([stored.length, stored.length])
  })
})
