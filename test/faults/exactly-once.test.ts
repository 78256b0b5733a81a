// Nothing acknowledged is lost, nothing counts twice: the cloud is away for a minute and the edge is killed
// with -9 fifty times at random moments, while devices publish all the time. The devices' own record of what was
// acknowledged to them is held against what stands in the cloud's database.
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { NodeConfig } from '#domain/config.ts'
import { topicFor } from '#domain/topics.ts'
import { createFarmClient } from '../../demo/farm-client.ts'
import { onSmallBoard, type Part, startPart } from '../../demo/part.ts'
import { freePort, reachable } from '../../demo/ports.ts'

const KILLS = 50
const CLOUD_AWAY_MS = 60_000
const DEVICES = ['d1', 'd2', 'd3', 'd4']
const TOKEN = 'a token of this test alone'
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A seeded generator (mulberry32): a failing run can be played again. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296
  }
}

let dir: string
const running = new Set<Part>()
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flockwise-exactly-once-'))
})
afterAll(async () => {
  await Promise.all([...running].map((part) => part.stop(1000)))
  await rm(dir, { recursive: true, force: true })
})

function start(name: string, main: string, env: Record<string, string>): Part {
  const part = startPart({ name, main, env, logFile: join(dir, `${name}.log`) })
  running.add(part)
  return part
}

/** A device that publishes without end and keeps its own record of what was acknowledged, `t` → value. */
async function startDevice(port: number, device: string) {
  const acknowledged = new Map<number, number>()
  const published = new Map<number, number>()
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId: device,
    username: 'bridge',
    password: TOKEN,
    reconnectPeriod: 100,
    connectTimeout: 2000,
  })
  client.on('error', () => {})
  let going = true
  let lastT = 0
  const loop = (async () => {
    while (going) {
      // Back-pressure: a device does not hoard what the edge has not taken.
      if (published.size - acknowledged.size > 2000) {
        await pause(20)
        continue
      }
      const t = Math.max(lastT + 1, Date.now())
      lastT = t
      const value = Math.round(200 + (t % 997) / 10) / 10
      published.set(t, value)
      const payload = JSON.stringify({ t, values: { 'air.temperature': value } })
      client.publish(topicFor('h1', device, 'readings'), payload, { qos: 1 }, (error) => {
        if (!error) acknowledged.set(t, value)
      })
      await pause(3)
    }
  })()
  return {
    device,
    acknowledged,
    published,
    async stop() {
      going = false
      await loop
      const deadline = Date.now() + 20_000
      while (acknowledged.size < published.size && Date.now() < deadline) await pause(50)
      await client.endAsync(true)
    },
  }
}

it('loses nothing acknowledged and counts nothing twice over 50 kills and a minute without a cloud', {
  timeout: 240_000,
}, async () => {
  const random = randomFrom(20260601)
  const cloudPort = await freePort(0)
  const cloudEnv = {
    FLOCKWISE_HOST: '127.0.0.1',
    FLOCKWISE_PORT: String(cloudPort),
    FLOCKWISE_DATA_DIR: join(dir, 'cloud'),
  }
  const startCloud = () => start('cloud', 'cloud/main.ts', cloudEnv)
  let cloud = startCloud()
  const url = `http://127.0.0.1:${cloudPort}`
  const setupCode = await cloud.line((line) => /set-up code[^A-Z0-9]*([A-Z0-9-]{6,})/i.exec(line)?.[1])
  await reachable(`${url}/healthz`)
  const client = createFarmClient(url)
  await client.setUp(setupCode, 'tester@farm.example', 'correct horse battery', 'Tester')
  await client.logIn('tester@farm.example', 'correct horse battery')
  await client.addFarm({ id: 'farm', name: 'Farm', timeZone: 'Asia/Shanghai' })
  await client.addHouse('farm', { id: 'h1', name: 'House', timeZone: 'Asia/Shanghai' })

  const mqttPort = await freePort(0)
  const httpPort = await freePort(0)
  const config: NodeConfig = {
    houses: [{ id: 'h1', name: 'House', timeZone: 'Asia/Shanghai' }],
    cloud: { url },
    edge: {
      dataDir: join(dir, 'edge'),
      mqtt: { host: '127.0.0.1', port: mqttPort },
      http: { host: '127.0.0.1', port: httpPort },
    },
    bridge: { mqttUrl: `mqtt://127.0.0.1:${mqttPort}`, user: 'bridge', tokenFile: join(dir, 'unused') },
    users: [{ id: 'bridge', tokenSha256: createHash('sha256').update(TOKEN).digest('hex'), bridge: true }],
    links: [
      {
        id: 'bus',
        via: { type: 'tcp', host: '127.0.0.1', port: 1 },
        devices: DEVICES.map((id, index) => ({ id, house: 'h1', model: 'louver-shield', unit: index + 1 })),
      },
    ],
    mqttDevices: [],
    outputs: [],
  }
  await writeFile(join(dir, 'farm.json'), JSON.stringify(config))
  const edgeEnv = {
    ...onSmallBoard,
    FLOCKWISE_CONFIG: join(dir, 'farm.json'),
    FLOCKWISE_ENROL_CODE: await client.enrolmentCode('farm'),
  }
  const startEdge = () => start('edge', 'edge/main.ts', edgeEnv)
  let edge = startEdge()
  await reachable(`http://127.0.0.1:${httpPort}/health`)
  const devices = await Promise.all(DEVICES.map((device) => startDevice(mqttPort, device)))

  const began = Date.now()
  let cloudStopped = 0
  let cloudBack = false
  for (let kill = 1; kill <= KILLS; kill++) {
    // From in the middle of its start to well after it took up work.
    await pause(300 + random() * 2200)
    await edge.kill()
    running.delete(edge)
    edge = startEdge()
    if (kill === 5) {
      await cloud.kill()
      running.delete(cloud)
      cloudStopped = Date.now()
    }
    if (cloudStopped && !cloudBack && Date.now() - cloudStopped >= CLOUD_AWAY_MS) {
      cloud = startCloud()
      cloudBack = true
    }
  }
  expect(cloudBack).toBe(true)
  await reachable(`http://127.0.0.1:${httpPort}/health`)
  await Promise.all(devices.map((device) => device.stop()))
  const deadline = began + 170_000
  const drained = async () => {
    const { edges } = await client.health('farm')
    return edges.length === 1 && edges[0]?.backlog === 0
  }
  // The edge says that its backlog is empty only in a post made after the last batch was acknowledged.
  await pause(1000)
  while (!(await drained().catch(() => false)) && Date.now() < deadline) await pause(500)
  await edge.stop()
  await cloud.stop()

  const stored = storedReadings(join(dir, 'cloud'))
  let lost = 0
  let wrong = 0
  let acknowledged = 0
  for (const device of devices) {
    const rows = stored.filter((row) => row.device === device.device)
    const times = new Map(rows.map(({ t, value }) => [t, value]))
    expect(rows.length, `${device.device}: a time stands twice`).toBe(times.size)
    acknowledged += device.acknowledged.size
    for (const [t, value] of device.acknowledged) {
      if (!times.has(t)) lost++
      else if (times.get(t) !== value) wrong++
    }
    for (const t of times.keys())
      expect(device.published.has(t), `${device.device} never said ${t}`).toBe(true)
  }
  console.log(`${KILLS} kills, ${acknowledged} acknowledged readings, ${lost} lost, ${stored.length} stored`)
  expect({ lost, wrong }).toEqual({ lost: 0, wrong: 0 })
  expect(acknowledged).toBeGreaterThan(1000)
})

/** Every reading in the cloud's database, read apart from its own code. */
function storedReadings(folder: string): { device: string; t: number; value: number }[] {
  const database = new DatabaseSync(join(folder, 'cloud.sqlite'), { readOnly: true })
  const rows = database
    .prepare(
      "SELECT device, t, v FROM reading JOIN series ON series.id = reading.series WHERE metric = 'air.temperature'",
    )
    .all()
  database.close()
  return rows.map(({ device, t, v }) => ({ device: String(device), t: Number(t), value: Number(v) / 10 }))
}
