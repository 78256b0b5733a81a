import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { seriesKey } from '#domain/reading.ts'
import { HOUR, MINUTE } from '#domain/time.ts'
import { batchesOf, samplesOf } from './sync/batch-table.ts'
import type { LoadOptions, LoadResult } from './sync/publish-load.ts'
import { readRealSources } from './sync/real-series.ts'
import { openRelay } from './sync/relay.ts'
import { createSixHouses, readingsOfSample } from './sync/six-houses.ts'
import { wireSizes } from './sync/wire-sizes.ts'

const startsAt = Date.UTC(2026, 2, 1)

it('six houses say one reading of each of 60 series a house in every minute, in their order', () => {
  const houses = createSixHouses({ seed: 1, startsAt, stretch: 1.37 })
  const before = new Map<string, number>()
  for (let t = startsAt; t < startsAt + 3 * MINUTE; t += MINUTE) {
    const readings = houses.minute(t).flatMap(readingsOfSample)
    expect(new Set(readings.map(({ series }) => seriesKey(series))).size).toBe(360)
    expect(readings).toHaveLength(360)
    for (const { series, t: at } of readings) {
      expect(at).toBeGreaterThanOrEqual(t)
      expect(at).toBeLessThan(t + MINUTE)
      expect(at).toBeGreaterThan(before.get(seriesKey(series)) ?? 0)
      before.set(seriesKey(series), at)
    }
  }
})

it('the stretch changes what the houses live through, not when they say it', () => {
  const minutes = (stretch: number) => {
    const houses = createSixHouses({ seed: 1, startsAt, stretch })
    return [0, 1, 2, 3].map((minute) => houses.minute(startsAt + minute * MINUTE))
  }
  const [usual, stretched] = [minutes(1).flat(), minutes(1.37).flat()]
  expect(stretched.map(({ device, t }) => `${device} ${t}`)).toEqual(
    usual.map(({ device, t }) => `${device} ${t}`),
  )
  expect(stretched.map(({ values }) => values)).not.toEqual(usual.map(({ values }) => values))
})

it('a recording is read at its own precision and cut into hours; a time that is said twice counts once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flockwise-sources-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  expect(readRealSources(folder, HOUR, 9)).toEqual({ found: [], missing: ['climate', 'perch-scale'] })
  const file = (name: string, lines: string[]) => {
    writeFileSync(join(folder, name), lines.join('\n'))
  }
  mkdirSync(join(folder, 'climate'))
  file('climate/pen.csv', [
    'time,temperature_c,humidity_pct',
    '2026-03-01 07:30:00,13.10668,55.4',
    '2026-03-01 07:30:00,13.2,55.5',
    '2026-03-01 07:45:00,,55.25',
    '2026-03-01 08:00:00,1.2e-05,55',
  ])
  file('climate/masses.csv', ['file,true_g', 'control.csv,5'])
  const [pen, ...others] = readRealSources(folder, HOUR, 9).found
  expect(others).toEqual([])
  expect(pen?.series.map(({ name, decimals }) => [name, decimals])).toEqual([
    ['temperature_c', 6],
    ['humidity_pct', 2],
  ])
  expect(pen?.whole.map(({ readings }) => readings)).toEqual([3, 2])
  expect(pen?.whole.flatMap(samplesOf).map(({ values }) => values)).toEqual([
    { 'air.temperature': 13.10668, 'air.humidity': 55.4 },
    { 'air.humidity': 55.25 },
    { 'air.temperature': 0.000012, 'air.humidity': 55 },
  ])
  const { readings, batches } = await wireSizes(pen?.whole ?? [], HOUR)
  expect({ readings, batches }).toEqual({ readings: 5, batches: 2 })
})

it('counts every batch, ours and theirs, as bytes a reading', async () => {
  const series = { house: 'h', device: 'd', metric: 'air.temperature', source: 'sensor', by: '' } as const
  const noise = Array.from({ length: 600 }, (_, index) => ({
    series,
    t: startsAt + 12_000 * index,
    value: 20 + Math.round(10 * Math.sin(index * index)) / 10,
  }))
  const sizes = await wireSizes(
    batchesOf(noise, () => 1, HOUR),
    HOUR,
  )
  expect(sizes).toMatchObject({ readings: 600, batches: 2 })
  // A metric of Sparkplug: tag and length 2, alias 2, time 7, float 5 bytes.
  expect(sizes.sparkplug).toBeCloseTo(16, 0)
  // Twenty equally likely steps are more than half a byte, whoever packs them.
  for (const bytes of [sizes.sealed, sizes.fresh, sizes.parquetZstd, sizes.arrowZstd, sizes.jsonGzip])
    expect(bytes).toBeGreaterThan(0.5)
})

it('the relay counts both ways and holds every byte back for as long as it is told', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.end('answer')))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (typeof address !== 'object' || !address) expect.unreachable()
  const relay = await openRelay(address.port, 100)
  onTestFinished(() => relay.close())
  const begin = performance.now()
  const client = connect(relay.port, '127.0.0.1')
  client.write('question!')
  const text = await new Promise<string>((resolve) => {
    client.once('data', (bytes) => resolve(bytes.toString()))
  })
  expect(text).toBe('answer')
  expect(performance.now() - begin).toBeGreaterThanOrEqual(198)
  expect(relay.bytes()).toEqual({ up: 9, down: 6 })
  expect(relay.connections()).toBe(1)
  client.destroy()
})

it('the load is acknowledged message by message, whatever it is sent in', { timeout: 20_000 }, async () => {
  const start = (file: string) => {
    const child = fork(fileURLToPath(new URL(file, import.meta.url)))
    onTestFinished(() => void child.kill())
    return child
  }
  const next = <T>(child: ReturnType<typeof start>) =>
    new Promise<T>((resolve) => child.once('message', (value) => resolve(value as T)))
  for (const peer of ['./sync/acknowledge-all.ts', './sync/bare-aedes.ts']) {
    const port = await next<number>(start(peer))
    const load = start('./sync/publish-load.ts')
    const clients = [1, 2].map((index) => ({ house: 'h1', device: `d${index}` }))
    const options: LoadOptions = {
      ...{ port, user: 'bridge', token: 'token', clients },
      ...{ inFlight: 50, warmUpMs: 200, measureMs: 300 },
    }
    load.send(options)
    const { acknowledged, messagesPerSecond } = await next<LoadResult>(load)
    expect(acknowledged).toBeGreaterThan(100)
    expect(messagesPerSecond).toBeGreaterThan(100)
  }
})
