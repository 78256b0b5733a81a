import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { DeviceConfig, LinkConfig } from '#domain/config.ts'
import { type CameraDefinition, mediaOf, type StreamDefinition } from '../devices/definition.ts'
import { findDevice } from '../devices/index.ts'
import type { Framer } from '../framers/framer.ts'
import { jpegSize } from '../framers/jpeg.ts'
import { type RtspServer, startRtspServer, whyNoRtsp } from '../test/rtsp-server.ts'
import { connectLine } from './connect-line.ts'
import { connectFfmpeg, shrinkJpeg } from './ffmpeg.ts'
import { type Connect, createLink, type LinkStatus } from './link.ts'

const clock = { now: Date.now, monotonic: () => performance.now() }
const folder = mkdtempSync(join(tmpdir(), 'ffmpeg-'))
const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
afterEach(async () => {
  for (const end of ends.splice(1).reverse()) await end()
})
const until = (check: () => void, ms = 15_000) => vi.waitFor(check, { timeout: ms, interval: 50 })

/** A device of this model, as the bridge reads it: what its framer makes of what comes over its link. */
function watch(model: string, via: LinkConfig, own: Partial<DeviceConfig> = {}, silentAfterMs = 60_000) {
  const config: DeviceConfig = { id: 'd', house: 'h1', model, ...own }
  const definition = findDevice(model) as StreamDefinition
  const framer: Framer<unknown> = definition.createFramer()
  const frames: unknown[] = []
  const states: LinkStatus[] = []
  const link = createLink({
    connect: connectLine(via, clock, mediaOf(definition)?.ask(config)),
    clock,
    random: () => 0,
    silentAfterMs,
    openWithinMs: 20_000,
    onBytes(bytes) {
      for (const event of framer.push(bytes)) if (event.kind === 'frame') frames.push(event.frame)
    },
    onStatus(status) {
      if (status.state === 'closed') framer.reset()
      states.push(status)
    },
  })
  ends.push(() => link.close())
  return { link, frames: frames as { jpeg: Uint8Array; samples: Int16Array; centiC: Int16Array }[], states }
}

async function server(port?: number): Promise<RtspServer> {
  const camera = await startRtspServer(port)
  ends.push(() => camera.close())
  return camera
}

/** The ffmpeg processes that this one has started, by id. */
function children(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [, name, parent] = /\((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
        return name === 'ffmpeg' && Number(parent) === process.pid
      } catch {
        return false
      }
    })
    .map(Number)
}

const fast = { picture: { everyS: 0.5, maxWidth: 320 } }

describe.skipIf(whyNoRtsp)(`a camera over RTSP${whyNoRtsp ? ` (skipped: ${whyNoRtsp})` : ''}`, () => {
  it('gives moving pictures of the width that is wanted', { timeout: 30_000 }, async () => {
    const { url } = await server()
    const { frames, link } = watch('camera', { type: 'rtsp', url: url('live') }, fast)
    await until(() => expect(frames.length).toBeGreaterThan(2))
    for (const { jpeg } of frames) expect(jpegSize(jpeg)).toEqual({ width: 320, height: 180 })
    expect(new Set(frames.map(({ jpeg }) => Buffer.from(jpeg).toString('hex'))).size).toBe(frames.length)
    expect(link.status()).toEqual({ state: 'open', reopened: 0 })
  })

  it('gives its sound: a tone of half of full scale', { timeout: 30_000 }, async () => {
    const { url } = await server()
    const { frames } = watch('microphone', { type: 'rtsp', url: url('live') })
    await until(() => expect(frames.length).toBeGreaterThan(1))
    const samples = frames[1]?.samples ?? new Int16Array(0)
    expect(samples).toHaveLength(16_000)
    expect(Math.max(...samples) / 32_768).toBeCloseTo(0.5, 1)
    // 1 kHz crosses zero 2000 times a second.
    const crossings = samples.filter(
      (sample, at) => at > 0 && sample < 0 !== (samples[at - 1] ?? 0) < 0,
    ).length
    expect(Math.abs(crossings - 2000)).toBeLessThan(20)
  })

  it('logs in with a password from a file, and says it nowhere', { timeout: 30_000 }, async () => {
    const { url } = await server()
    const passwordFile = join(folder, 'cam.password')
    writeFileSync(passwordFile, 'secret\n')
    const { frames } = watch('camera', { type: 'rtsp', url: url('locked'), user: 'cam', passwordFile }, fast)
    await until(() => expect(frames.length).toBeGreaterThan(0))
    writeFileSync(passwordFile, 'hunter2')
    const wrong = watch('camera', { type: 'rtsp', url: url('locked'), user: 'cam', passwordFile }, fast)
    const inUrl = watch('camera', { type: 'rtsp', url: url('locked', 'cam:hunter2') }, fast)
    for (const { states } of [wrong, inUrl]) {
      await until(() => expect(states.at(-1)).toMatchObject({ state: 'closed' }))
      expect(states.at(-1)?.error).toMatch(/401/)
      expect(states.at(-1)?.error).not.toContain('hunter2')
    }
    const none = watch(
      'camera',
      { type: 'rtsp', url: url('locked'), user: 'cam', passwordFile: '/none' },
      fast,
    )
    await until(() => expect(none.link.status().error).toMatch(/password cannot be read.*\/none/))
  })

  it('comes back after the camera was switched off and on', { timeout: 60_000 }, async () => {
    const first = await server()
    const { frames, link, states } = watch('camera', { type: 'rtsp', url: first.url('live') }, fast)
    await until(() => expect(frames.length).toBeGreaterThan(0))
    await first.close()
    await until(() => expect(link.status().state).toBe('closed'))
    const before = frames.length
    await server(first.port)
    await until(() => expect(frames.length).toBeGreaterThan(before), 30_000)
    expect(link.status().reopened).toBe(1)
    expect(states.find(({ error }) => error !== undefined)?.error).not.toBe('')
  })

  it('is left and opened anew when it hangs, and its process is gone', { timeout: 60_000 }, async () => {
    const { url, process: camera } = await server()
    const { frames, link } = watch('camera', { type: 'rtsp', url: url('live') }, fast, 4000)
    await until(() => expect(frames.length).toBeGreaterThan(0))
    const [hanging] = children()
    camera.kill('SIGSTOP')
    await until(() => expect(link.status()).toMatchObject({ state: 'closed', error: 'no byte for 4 s' }))
    await until(() => expect(children()).not.toContain(hanging))
    const before = frames.length
    camera.kill('SIGCONT')
    await until(() => expect(frames.length).toBeGreaterThan(before), 40_000)
    expect(children()).toHaveLength(1)
  })
})

const hasFfmpeg = whyNoRtsp !== 'ffmpeg is not installed'
/** What a camera at this machine gives, from ffmpeg's own test sources. */
const source = (...args: string[]): Connect =>
  connectFfmpeg(() => ({ args: ['-f', 'lavfi', ...args], hide: (text) => text }))

describe.skipIf(!hasFfmpeg)(`ffmpeg${hasFfmpeg ? '' : ' (skipped: it is not installed)'}`, () => {
  it('a Lepton’s Y16 comes as temperatures', { timeout: 20_000 }, async () => {
    const lepton = findDevice('lepton-3')
    if (lepton?.kind !== 'thermal' || !lepton.media) expect.unreachable()
    const { output } = lepton.media.ask({ id: 'l', house: 'h1', model: 'lepton-3' })
    // 20 °C on the left, 36 °C on the right, and a pixel that tells the pictures apart: kelvin × 100.
    const kelvin = 'if(eq(X,0)*eq(Y,0),29315+N,29315+1600*gte(X,80))'
    const graph = `color=black:size=160x120:rate=9,format=gray16le,geq=lum='${kelvin}'`
    const framer = lepton.createFramer()
    const pictures: Int16Array[] = []
    const link = createLink({
      connect: source('-re', '-i', graph, ...output),
      clock,
      random: () => 0,
      silentAfterMs: 10_000,
      onStatus() {},
      onBytes(bytes) {
        for (const event of framer.push(bytes)) if (event.kind === 'frame') pictures.push(event.frame.centiC)
      },
    })
    ends.push(() => link.close())
    await until(() => expect(pictures.length).toBeGreaterThan(4))
    expect(pictures.map(([first]) => first)).toEqual(pictures.map((_, index) => 2000 + index))
    expect([pictures[0]?.[79], pictures[0]?.[80], pictures[0]?.at(-1)]).toEqual([2000, 3600, 3600])
  })

  it('says why it cannot read something, and tries again', { timeout: 20_000 }, async () => {
    const { link, states } = watch('lepton-2', { type: 'v4l2', path: '/dev/video-none' })
    await until(() => expect(states.filter(({ state }) => state === 'closed').length).toBeGreaterThan(1))
    expect(link.status().error).toMatch(/No such file/)
  })

  it('is restarted a hundred times and leaves nothing behind', { timeout: 120_000 }, async () => {
    let closed = 0
    let bytes = 0
    const openFiles = () => readdirSync('/proc/self/fd').length
    const once_ = () =>
      new Promise<void>((resolve) => {
        const connection = source(
          '-i',
          'color=size=64x64:rate=100',
          '-f',
          'rawvideo',
        )({
          opened() {},
          bytes(chunk) {
            bytes += chunk.length
            connection.close()
          },
          closed() {
            closed++
            resolve()
          },
        })
      })
    await once_()
    const before = openFiles()
    for (let round = 0; round < 100; round++) await once_()
    expect(closed).toBe(101)
    expect(bytes).toBeGreaterThan(0)
    expect(children()).toEqual([])
    expect(openFiles()).toBeLessThanOrEqual(before + 2)
  })

  it('reads pictures that are sent one after the other over HTTP', { timeout: 30_000 }, async () => {
    const jpeg = await testPicture(640)
    const camera = createServer((request, response) => {
      response.writeHead(request.url === '/video' ? 200 : 404, {
        'content-type': 'multipart/x-mixed-replace; boundary=frame',
      })
      const timer = setInterval(() => {
        response.write(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`)
        response.write(jpeg)
        response.write('\r\n')
      }, 100)
      response.on('close', () => clearInterval(timer))
    })
    camera.listen(0, '127.0.0.1')
    await once(camera, 'listening')
    ends.push(() => {
      camera.closeAllConnections()
      camera.close()
    })
    const { port } = camera.address() as AddressInfo
    const { frames } = watch('camera', { type: 'mjpeg', url: `http://127.0.0.1:${port}/video` }, fast)
    await until(() => expect(frames.length).toBeGreaterThan(1))
    expect(jpegSize(frames[0]?.jpeg ?? new Uint8Array())).toEqual({ width: 320, height: 160 })
  })

  it('makes a picture smaller, and refuses what is none', async () => {
    const wide = await testPicture(640)
    const small = await shrinkJpeg(wide, 200, AbortSignal.timeout(5000))
    expect(jpegSize(small)).toEqual({ width: 200, height: 100 })
    await expect(shrinkJpeg(Buffer.from('no picture'), 200, AbortSignal.timeout(5000))).rejects.toThrow(
      'cannot be made smaller',
    )
  })
})

/** A picture of ffmpeg's own, twice as wide as high. */
async function testPicture(width: number): Promise<Uint8Array> {
  const camera = findDevice('camera') as CameraDefinition
  const { output } = camera.media.ask({ id: 'c', house: 'h1', model: 'camera' })
  const framer = camera.createFramer()
  return new Promise((resolve) => {
    const connection = source(
      '-i',
      `testsrc=size=${width}x${width / 2}`,
      '-frames:v',
      '1',
      ...output,
    )({
      opened() {},
      bytes(bytes) {
        for (const event of framer.push(bytes)) if (event.kind === 'frame') resolve(event.frame.jpeg)
      },
      closed: () => connection.close(),
    })
  })
}
