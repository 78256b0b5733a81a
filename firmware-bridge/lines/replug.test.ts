import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import type { LoadBlock } from '#domain/block.ts'
import type { LoadDefinition } from '../devices/definition.ts'
import { findDevice } from '../devices/index.ts'
import { connectSerial } from '../links/serial.ts'
import { createDeviceCounters } from '../reporting/device-counters.ts'
import { createStreamLine } from './stream-line.ts'

const hasSocat = spawnSync('socat', ['-V']).status === 0
const REPLUGS = 100
/** What an installer waits for a line that was put back. */
const BACK_WITHIN_MS = 5_000
/** Of the heap, between the 20th replug and the last. */
const MAX_GROWTH_BYTES = 3_000_000

const clock = { now: Date.now, monotonic: () => performance.now() }
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function until(check: () => boolean, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs
  while (!check()) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${check}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const heap = () => {
  collect()
  return process.memoryUsage().heapUsed
}

describe.skipIf(!hasSocat)(`a serial adapter${hasSocat ? '' : ' (skipped: socat is not installed)'}`, () => {
  it(`pulled out and put back ${REPLUGS} times is there again within 5 s each time, doubles nothing and holds no memory`, {
    timeout: 120_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'replug-'))
    closers.push(() => rmSync(folder, { recursive: true, force: true }))
    const [near, far] = [join(folder, 'near'), join(folder, 'far')]
    const scale = findDevice('xk3190') as LoadDefinition
    let cable: ChildProcess | undefined
    const plugIn = async () => {
      cable = spawn('socat', [`pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`], {
        stdio: 'ignore',
      })
      await until(() => existsSync(near) && existsSync(far), 5_000)
    }
    const pullOut = async () => {
      if (cable?.exitCode === null && cable.kill('SIGKILL')) await once(cable, 'close')
      rmSync(near, { force: true })
      rmSync(far, { force: true })
    }
    closers.push(pullOut)
    await plugIn()

    const grams: number[] = []
    let frames = 0
    const counters = createDeviceCounters()
    const config = { id: 'scale', house: 'h1', model: 'xk3190' }
    const via = { type: 'serial', path: near, baudRate: 9600 } as const
    const line = createStreamLine(
      {
        link: { id: 'scale', via, devices: [config] },
        devices: [],
        connect: connectSerial(via),
        clock,
        random: () => 0,
        // The usual half a second would make the test a minute longer.
        firstWaitMs: 50,
        onStatus() {},
      },
      {
        config,
        counters,
        values: () => void frames++,
        block: (block: LoadBlock) => void grams.push(...block.grams),
        sound() {},
        thermal() {},
        picture() {},
      },
      scale,
    )
    closers.push(() => line.close())

    /** Each weight is said once in the whole test: one that comes twice was doubled by us. */
    let weight = 0
    const speak = async (times: number) => {
      const port = await open(readlinkSync(far), 'r+')
      for (let count = 0; count < times; count++) await port.write(scale.encode({ grams: ++weight }))
      // Closed only when it was heard: socat ends, and drops what is under way, when one of its ends is closed.
      return port
    }
    const waits: number[] = []
    let settled = 0
    for (let round = 0; round < REPLUGS; round++) {
      const before = frames
      const pluggedAt = performance.now()
      await until(() => line.status().state === 'open', BACK_WITHIN_MS)
      const port = await speak(3)
      await until(() => frames >= before + 3, BACK_WITHIN_MS)
      await port.close()
      waits.push(performance.now() - pluggedAt)
      await pullOut()
      await until(() => line.status().state !== 'open', BACK_WITHIN_MS)
      await plugIn()
      if (round === 20) settled = heap()
    }
    await until(() => line.status().state === 'open', BACK_WITHIN_MS)
    line.close()

    expect(Math.max(...waits)).toBeLessThan(BACK_WITHIN_MS)
    expect(line.status().reopened).toBe(REPLUGS)
    expect(grams).toEqual(Array.from({ length: 3 * REPLUGS }, (_, index) => index + 1))
    expect(heap() - settled).toBeLessThan(MAX_GROWTH_BYTES)
  })
})
