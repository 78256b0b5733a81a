import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openBootClock } from '#node-file/boot-clock.ts'
import { spawnEdge } from '../test/child-edge.ts'
import { openFakeCloud } from '../test/fake-cloud.ts'
import { BRIDGE, nodeConfig } from '../test/node-config.ts'
import { connectTo, until } from '../test/wire-client.ts'

/** Debian and Ubuntu, package `libfaketime`: another wall clock for one process, the same time since boot. */
const library = ['x86_64-linux-gnu', 'aarch64-linux-gnu', 'arm-linux-gnueabihf']
  .map((architecture) => `/usr/lib/${architecture}/faketime/libfaketimeMT.so.1`)
  .find(existsSync)

const inTheYear = (date: string) => ({
  LD_PRELOAD: library ?? '',
  FAKETIME: `@${date} 00:00:00`,
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
  NO_FAKE_STAT: '1',
  TZ: 'UTC',
})

it('a process that starts in 2020, is killed, and starts in 2020 again, has all at its true time, once', async ({
  skip,
}) => {
  if (!library) return skip('libfaketime is not installed (apt-get install libfaketime)')
  const dir = mkdtempSync(join(tmpdir(), 'flockwise-faketime-'))
  const { boot, monotonic } = openBootClock()
  const sent: { value: number; trueT: number }[] = []
  const run = async (count: number, url: string, whenSent: (port: number) => Promise<unknown>) => {
    const env = { ...inTheYear('2020-01-01'), FLOCKWISE_ENROL_CODE: 'CODE-1234' }
    const edge = await spawnEdge(dir, nodeConfig(join(dir, 'data'), url), env).ready
    const bridge = await connectTo(edge.mqttPort, BRIDGE)
    bridge.on('error', () => {})
    for (let n = 0; n < count; n++) {
      const value = 40 + sent.length / 10
      sent.push({ value, trueT: Date.now() })
      const t = Date.UTC(2020, 0, 1) + n
      const sample = { t, boot, mono: Math.round(monotonic()), values: { 'air.humidity': value } }
      await bridge.publishAsync('flockwise/v1/h1/air-1/readings', JSON.stringify(sample), { qos: 1 })
    }
    await whenSent(edge.httpPort)
    bridge.end(true)
    await edge.end('SIGKILL')
  }
  const clockOf = async (port: number) => {
    const health = (await (await fetch(`http://127.0.0.1:${port}/health`)).json()) as { clock: ClockHealth }
    return health.clock
  }
  try {
    await run(20, 'http://127.0.0.1:9', async (port) => {
      const { knownBy, systemAheadMs } = await clockOf(port)
      expect(knownBy).toBe('none')
      // It shows 2020, and is taken for a clock that was never set.
      expect(systemAheadMs).toBeLessThan(-300 * 86_400_000)
    })
    const cloud = await openFakeCloud()
    await run(20, cloud.url, async (port) => {
      await until(() => cloud.readings().length === 40 && cloud.readings().every(isRight), 20_000)
      expect(await clockOf(port)).toMatchObject({ knownBy: 'cloud' })
    })
    await run(5, cloud.url, () => until(() => cloud.readings().length === 45, 20_000))
    expect(cloud.readings().filter((reading) => !isRight(reading))).toEqual([])
    expect(new Set(cloud.readings().map(({ value }) => value)).size).toBe(45)
    await cloud.close()
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }

  function isRight({ value, t }: { value: number; t: number }): boolean {
    const trueT = sent.find((one) => one.value === value)?.trueT ?? 0
    return Math.abs(t - trueT) < 2_000
  }
}, 60_000)

type ClockHealth = { knownBy: string; systemAheadMs: number }
