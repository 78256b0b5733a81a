import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { NodeConfig } from '#domain/config.ts'
import type { DeviceHealth } from '#domain/topics.ts'
import { createEdge } from '../edge/edge.ts'
import type { RingStatus } from '../edge/ring/disk-ring.ts'
import { createBridge } from '../firmware-bridge/bridge.ts'
import { createCatalogue } from '../firmware-bridge/devices/index.ts'
import { isWholeJpeg } from '../firmware-bridge/framers/jpeg.ts'
import { connectLine } from '../firmware-bridge/links/connect-line.ts'
import { startRtspServer, whyNoRtsp } from '../firmware-bridge/test/rtsp-server.ts'

/** A camera, the bridge and the edge together: a picture's whole way, and what is said when it breaks off. */
const TOKEN = 'a-token-of-the-bridge'
let dir = ''
const closers: (() => unknown)[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cameras-'))
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  rmSync(dir, { recursive: true, force: true })
})
const until = (check: () => void | Promise<void>, ms = 25_000) =>
  vi.waitFor(check, { timeout: ms, interval: 100 })

async function startHouse(links: NodeConfig['links'], keep: NodeConfig['edge']['keep'] = {}) {
  let aheadMs = 0
  const clock = {
    now: () => Date.now() + aheadMs,
    monotonic: () => performance.now() + aheadMs,
    boot: '00000000000000b0',
  }
  const config: NodeConfig = {
    houses: [{ id: 'h1', name: 'House 1', timeZone: 'Asia/Shanghai' }],
    edge: { dataDir: dir, mqtt: { host: '127.0.0.1', port: 0 }, http: { host: '127.0.0.1', port: 0 }, keep },
    bridge: { mqttUrl: 'mqtt://127.0.0.1:1', user: 'bridge', tokenFile: 'bridge.token' },
    users: [{ id: 'bridge', bridge: true, tokenSha256: createHash('sha256').update(TOKEN).digest('hex') }],
    links,
    mqttDevices: [],
    outputs: [],
  }
  const edge = await createEdge({ config, clock, random: () => 0.5, log() {}, onStale() {} })
  closers.push(() => edge.close())
  const said: string[] = []
  const bridge = createBridge({
    config: { ...config, bridge: { ...config.bridge, mqttUrl: `mqtt://127.0.0.1:${edge.mqttPort}` } },
    catalogue: createCatalogue(),
    token: TOKEN,
    clock,
    random: () => 0.5,
    connectLine,
    log: (line) => said.push(line),
  })
  closers.push(() => bridge.close())
  const health = async (): Promise<Health> => {
    const response = await fetch(`http://127.0.0.1:${edge.httpPort}/health`)
    return (await response.json()) as Health
  }
  return { said, health, pass: (ms: number) => (aheadMs += ms) }
}

type Health = {
  counters: Record<string, number>
  kept: Record<'pictures' | 'sound', RingStatus>
  devices: Record<string, DeviceHealth>
  openAlarms: { alarm: string }[]
}

const keptOf = (ring: string): string[] =>
  readdirSync(join(dir, ring), { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name))

it.skipIf(whyNoRtsp)(
  `pictures and sound of a camera lie on the edge’s disk, and a dead camera is an alarm${whyNoRtsp ? ` (skipped: ${whyNoRtsp})` : ''}`,
  { timeout: 90_000 },
  async () => {
    const camera = await startRtspServer()
    closers.push(() => camera.close())
    const via = { type: 'rtsp', url: camera.url('live', 'nobody:s3cret') } as const
    const { health, pass, said } = await startHouse([
      { id: 'eye', via, devices: [{ id: 'cam-1', house: 'h1', model: 'camera', picture: { everyS: 0.5 } }] },
      { id: 'ear', via, devices: [{ id: 'mic-1', house: 'h1', model: 'microphone' }] },
    ])
    await until(async () => {
      const { counters, kept } = await health()
      expect(counters['pictures.kept']).toBeGreaterThan(2)
      expect(counters['sound.kept']).toBeGreaterThan(1)
      expect(kept.pictures.files).toBeGreaterThan(2)
    })
    const [picture = ''] = keptOf('pictures')
    expect(picture).toMatch(/^h1\/cam-1\/\d{4}-\d\d-\d\d\/\d+\.jpg$/)
    expect(isWholeJpeg(readFileSync(join(dir, 'pictures', picture)))).toBe(true)
    expect(Math.abs(Number(/(\d+)\.jpg$/.exec(picture)?.[1]) - Date.now())).toBeLessThan(60_000)
    expect((await health()).devices['cam-1']).toMatchObject({ link: 'open' })

    await camera.close()
    await until(async () => expect((await health()).devices['cam-1']?.link).not.toBe('open'))
    pass(121_000)
    await until(async () => {
      const { openAlarms } = await health()
      expect(openAlarms.map(({ alarm }) => alarm).join()).toContain('|cam-1|camera-lost|')
    })
    expect(JSON.stringify([said, await health()])).not.toContain('s3cret')

    const again = await startRtspServer(camera.port)
    closers.push(() => again.close())
    await until(async () => expect((await health()).openAlarms).toEqual([]), 60_000)
  },
)

it('a folder of pictures is kept within the room that it may have', { timeout: 30_000 }, async () => {
  const uploads = join(dir, 'uploads')
  mkdirSync(uploads)
  const { health } = await startHouse(
    [
      {
        id: 'eye',
        via: { type: 'folder', path: uploads, remove: true },
        devices: [{ id: 'cam-1', house: 'h1', model: 'camera', picture: { everyS: 0.2 } }],
      },
    ],
    { picturesMB: 1 },
  )
  await until(async () => expect((await health()).devices['cam-1']?.link).toBe('open'))
  const head = [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 48, 0, 64, 1, 0, 0, 0, 0xff, 0xda, 0, 2]
  for (let seed = 1; seed <= 4; seed++) {
    writeFileSync(
      join(uploads, `${seed}.jpg`),
      Buffer.concat([Buffer.from(head), Buffer.alloc(400_000, seed), Buffer.from([0xff, 0xd9])]),
    )
    await until(async () => expect((await health()).counters['pictures.kept']).toBe(seed))
  }
  const { counters, kept } = await health()
  expect(counters['pictures.removed']).toBe(2)
  expect(kept.pictures).toMatchObject({ files: 2, limitBytes: 1_000_000 })
  expect(kept.pictures.bytes).toBeLessThan(1_000_000)
  expect(keptOf('pictures')).toHaveLength(2)
  expect(readdirSync(uploads)).toEqual([])
})
