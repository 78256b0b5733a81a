import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { zstdCompressSync } from 'node:zlib'
import { encodeWithDictionary } from '#domain/columns/own-dictionary.ts'
import type { SeriesRun } from '#domain/columns/runs.ts'
import { HOUR, SECOND } from '#domain/time.ts'
import { createCloud } from '../../cloud/create-cloud.ts'
import { openEmbedded } from '../../cloud/embedded/open-embedded.ts'
import { createCounters } from '../../edge/counters.ts'
import type { EdgeStore } from '../../edge/store/edge-store.ts'
import { openSync } from '../../edge/sync/sync.ts'

export type Comeback = {
  edges: number
  /** Readings that the edges had, and those that the cloud has. */
  readings: number
  inCloud: number
  seconds: number
  /** Answers to batches: how long the slowest took, and 99 of 100. */
  slowestMs: number
  p99Ms: number
  /** Answers by status. */
  statuses: Record<string, number>
  rssMB: number
}

const SERIES = 5
const clock = { now: Date.now, monotonic: () => performance.now() }

/**
 * So many edges come back at the same moment, each with so many pieces of an outage to send: real sync, signatures and
 * HTTP on the loopback against one cloud with its embedded store. Only the edges' own store is made up.
 */
export async function comeBack(edges: number, pieces: number, readingsAPiece: number): Promise<Comeback> {
  const folder = mkdtempSync(join(tmpdir(), 'flockwise-many-'))
  const database = join(folder, 'cloud.sqlite')
  const keys = await enrolled(database, edges)
  const limits = { people: 1e9, edges: 1e9 }
  const cloud = await createCloud({ database, clock, limits, announce: () => {} })
  const tookMs: number[] = []
  const statuses: Record<string, number> = {}
  cloud.app.server.on('request', (request, response) => {
    if (request.url !== '/api/edge/v1/batches') return
    const start = performance.now()
    response.once('finish', () => {
      tookMs.push(performance.now() - start)
      statuses[response.statusCode] = (statuses[response.statusCode] ?? 0) + 1
    })
  })
  const url = await cloud.app.listen({ host: '127.0.0.1', port: 0 })
  const start = performance.now()
  const syncs = keys.map((identity, index) =>
    openSync({
      ...{ url, enrolCode: undefined, identity, clock, random: Math.random },
      store: madeUpStore(`edge-${index}`, pieces, readingsAPiece),
      counters: createCounters(() => {}, clock.monotonic),
      isAlarmOpen: () => false,
      onWants: () => {},
      live: () => ({ readings: [], devices: {} }),
      frames: () => [],
    }),
  )
  const isDrained = () => syncs.every((sync) => sync.status().backlog.readings === 0)
  const deadline = start + 120 * SECOND
  while (!isDrained() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
  const seconds = (performance.now() - start) / 1000
  const rssMB = Math.round(process.memoryUsage.rss() / 1e6)
  await Promise.all(syncs.map((sync) => sync.close()))
  await cloud.close()
  const inCloud = countReadings(database)
  rmSync(folder, { recursive: true, force: true })
  tookMs.sort((a, b) => a - b)
  return {
    ...{ edges, readings: edges * pieces * readingsAPiece, inCloud, seconds, statuses, rssMB },
    slowestMs: Math.round(tookMs.at(-1) ?? 0),
    p99Ms: Math.round(tookMs[Math.floor(tookMs.length * 0.99)] ?? 0),
  }
}

async function enrolled(database: string, edges: number) {
  const stores = openEmbedded(database)
  const { people, farms, edges: known } = stores.registry
  const now = Date.now()
  const person = await people.add({ login: 'o', name: 'o', passwordHash: '' }, { first: true, now })
  if (!person) throw new Error('there is somebody already')
  await farms.add({ id: 'north', name: 'North', timeZone: 'UTC' }, person.id, now)
  await farms.addHouse('north', { id: 'h1', name: 'House 1', timeZone: 'UTC' })
  const identities = []
  for (let edge = 0; edge < edges; edge++) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const hash = `code-${edge}`
    const raw = publicKey.export({ format: 'jwk' }).x ?? ''
    const id = `edge-${edge}`
    await known.addCode({ hash, farm: 'north', person: person.id, expiresAt: now + HOUR, now })
    await known.enrol({ codeHash: hash, publicKey: raw, id, now })
    identities.push({ privateKey, publicKey: raw, edge: () => id, enrolled() {}, keep() {} })
  }
  stores.close()
  return identities
}

/** Sealed pieces of the last hours, made when they are asked for, and a memory instead of a disk. */
function madeUpStore(device: string, pieces: number, readingsAPiece: number): EdgeStore {
  const notes = new Map<string, string>()
  const times = readingsAPiece / SERIES
  const from = Date.now() - pieces * times * 1000 - HOUR
  const sealed = (piece: number) => {
    const metrics = ['air.temperature', 'air.humidity', 'air.nh3', 'air.h2s', 'light'] as const
    const t = Array.from({ length: times }, (_, index) => from + (piece * times + index) * 1000)
    const runs = metrics.map(
      (metric): SeriesRun => ({
        series: { house: 'h1', device, metric, source: 'sensor', by: '' },
        ...{ t: [...t], v: t.map((time) => 200 + (time % 37)) },
      }),
    )
    return zstdCompressSync(encodeWithDictionary(runs))
  }
  const none = () => {
    throw new Error('nobody asks for this here')
  }
  return {
    epoch: () => '0123456789abcdef',
    unproved: () => undefined,
    readingsAfter(number) {
      const piece = Math.floor(number / readingsAPiece)
      if (piece >= pieces) return undefined
      return {
        ...{ from: piece * readingsAPiece + 1, to: (piece + 1) * readingsAPiece, count: readingsAPiece },
        ...{ movedByMs: 0, thinned: 0, damaged: 0, aside: 0 },
        body: { kind: 'sealed', bytes: sealed(piece) },
      }
    },
    eventsAfter: () => [],
    readingsByDay: () => new Map(),
    noteRefused: () => {},
    lastNumber: (lane) => (lane === 'readings' ? pieces * readingsAPiece : 0),
    note: (key) => notes.get(key),
    setNote: (key, value) => notes.set(key, value),
    ...{ prove: none, startEpoch: none, setPieceAside: none },
  } as Partial<EdgeStore> as EdgeStore
}

function countReadings(database: string): number {
  const sqlite = new DatabaseSync(database)
  const count = Number(sqlite.prepare('SELECT count(*) AS n FROM reading').get()?.['n'])
  sqlite.close()
  return count
}
