import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { zstdDecompressSync } from 'node:zlib'
import { routes } from '#domain/api/routes.ts'
import { type BatchHeader, decodeBatchHeader } from '#domain/columns/batch-header.ts'
import { decodeColumns } from '#domain/columns/decode-columns.ts'
import type { Dictionary } from '#domain/columns/dictionary.ts'
import { decodeWithDictionary } from '#domain/columns/own-dictionary.ts'
import { parseDictionary } from '#domain/columns/parse-dictionary.ts'
import { readingsOf } from '#domain/columns/runs.ts'
import { type Reading, type Series, seriesKey } from '#domain/reading.ts'
import { type AlarmsBatch, type LaneName, type Live, MAX_BATCH_READINGS, type Wants } from '#domain/sync.ts'
import { publicKeyFrom, verifyRequest } from '#request-signing/verify-request.ts'

/** What the next batches are answered with instead of the truth: taken from the front. */
export type Trouble = (request: IncomingMessage, response: ServerResponse) => void

export type FakeCloud = {
  url: string
  /** Watermark of the lane's newest epoch. */
  marks: Record<'readings' | 'alarms', number>
  /** Epochs that spoke, oldest first. */
  epochs: Record<'readings' | 'alarms', string[]>
  /** One for each series and time, in the order in which they came. */
  readings(): { device: string; metric: string; t: number; value: number }[]
  headers: BatchHeader[]
  /** By hash. A test may forget some. */
  dictionaries: Map<string, Dictionary>
  alarms: { alarm: string; action: string; late: boolean }[]
  /** With when they came. */
  lives: (Live & { at: number })[]
  frames: string[]
  batches: number
  troubles: Trouble[]
  wants: Wants
  /** Takes batches but for such readings. */
  refuses: (reading: { series: Series; value: number }) => boolean
  /** Cannot read such a batch at all. */
  cannotRead: (header: BatchHeader) => boolean
  /** How long a batch of readings waits for its answer. */
  delayMs: number
  /** Its clock is ahead by this. */
  aheadMs: number
  signatures: { good: number; bad: string[] }
  close(): Promise<void>
}

const CODE = 'CODE-1234'
const HOLD_WANTS_MS = 200

/** A cloud at the wire: real HTTP, real signatures, the batch contract of `#domain/sync.ts`, and troubles on demand. */
export async function openFakeCloud(port = 0): Promise<FakeCloud> {
  let publicKey = ''
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => void answer(request, response, Buffer.concat(chunks)))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  const stored = new Map<string, Reading>()
  const cloud: FakeCloud = {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    marks: { readings: 0, alarms: 0 },
    epochs: { readings: [], alarms: [] },
    readings: () =>
      [...stored.values()].map(({ series: { device, metric }, t, value }) => ({ device, metric, t, value })),
    headers: [],
    dictionaries: new Map(),
    alarms: [],
    lives: [],
    frames: [],
    batches: 0,
    troubles: [],
    wants: { version: 1, watched: true, pictures: [], acknowledged: [], flocks: [] },
    refuses: () => false,
    cannotRead: () => false,
    delayMs: 0,
    aheadMs: 0,
    signatures: { good: 0, bad: [] },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }

  const say = (response: ServerResponse, status: number, body: unknown) => {
    response.writeHead(status, {
      'content-type': status < 400 ? 'application/json' : 'application/problem+json',
      date: new Date(Date.now() + cloud.aheadMs).toUTCString(),
    })
    response.end(status === 204 ? undefined : JSON.stringify(body))
  }
  const problem = (response: ServerResponse, status: number, code: string, extra: object = {}) =>
    say(response, status, {
      type: 'about:blank',
      title: code,
      status,
      detail: `it is ${code}`,
      code,
      ...extra,
    })

  const answer = async (request: IncomingMessage, response: ServerResponse, raw: Buffer) => {
    const { pathname } = new URL(request.url ?? '/', cloud.url)
    const body = request.headers['content-encoding'] === 'zstd' ? zstdDecompressSync(raw) : raw
    if (pathname === routes.edgeEnrol) {
      const { code, publicKey: key } = JSON.parse(body.toString())
      if (code !== CODE) return problem(response, 403, 'code-wrong')
      publicKey = key
      return say(response, 201, { edge: 'edge-1', farm: 'farm-1' })
    }
    const verified = await verifyRequest(
      {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers as Record<string, string>,
        body: raw,
      },
      async (id) => (id === 'edge-1' && publicKey ? publicKeyFrom(publicKey) : undefined),
      Date.now() + cloud.aheadMs,
    )
    if (!verified.ok) {
      cloud.signatures.bad.push(verified.code)
      return problem(response, 401, verified.code)
    }
    cloud.signatures.good++
    const [, lane, epoch] = pathname.match(/\/lanes\/(\w+)\/(\w+)$/) ?? []
    if (lane) {
      const name = lane as LaneName
      return say(response, 200, { watermark: cloud.epochs[name].at(-1) === epoch ? cloud.marks[name] : 0 })
    }
    const [, hash] = pathname.match(/\/dictionaries\/(\w+)$/) ?? []
    if (hash) cloud.dictionaries.set(hash, parseDictionary(body) ?? [])
    if (pathname === routes.edgeBatches) {
      if (request.headers['content-type'] !== 'application/json') {
        await new Promise((resolve) => setTimeout(resolve, cloud.delayMs))
        return takeReadings(request, response, body)
      }
      return takeBatch(request, response, JSON.parse(body.toString()), (batch) => {
        const old = Math.max(0, cloud.marks.alarms + 1 - batch.from)
        cloud.alarms.push(...(batch as AlarmsBatch).events.slice(old))
        return undefined
      })
    }
    if (pathname === routes.edgeLive) cloud.lives.push({ ...JSON.parse(body.toString()), at: Date.now() })
    else if (pathname.endsWith('/frame')) cloud.frames.push(pathname)
    else if (pathname === routes.edgeWants) {
      const version = Number(new URL(request.url ?? '/', cloud.url).searchParams.get('version'))
      if (version !== cloud.wants.version) return say(response, 200, cloud.wants)
      await new Promise((resolve) => setTimeout(resolve, HOLD_WANTS_MS))
      if (version !== cloud.wants.version) return say(response, 200, cloud.wants)
    }
    say(response, 204, undefined)
  }

  type Numbered = { lane: LaneName; epoch: string; from: number; to: number }
  const takeBatch = (
    request: IncomingMessage,
    response: ServerResponse,
    batch: Numbered,
    store: (batch: Numbered) => object | false | undefined,
  ) => {
    cloud.batches++
    const trouble = cloud.troubles.shift()
    if (trouble) return trouble(request, response)
    const { lane, epoch, from, to } = batch
    const epochs = cloud.epochs[lane]
    if (epochs.at(-1) !== epoch) {
      if (epochs.length > 0) cloud.marks[lane] = 0
      epochs.push(epoch)
    }
    const had = cloud.marks[lane]
    if (from > had + 1) return problem(response, 409, 'batch-gap', { expected: had + 1 })
    const more = to > had ? store(batch) : undefined
    cloud.marks[lane] = Math.max(had, to)
    say(response, 200, { watermark: cloud.marks[lane], ...more })
  }

  const takeReadings = (request: IncomingMessage, response: ServerResponse, bytes: Uint8Array) => {
    const { header, length } = decodeBatchHeader(bytes)
    cloud.headers.push(header)
    const dictionary = header.dictionary === undefined ? undefined : cloud.dictionaries.get(header.dictionary)
    if (header.dictionary !== undefined && !dictionary) return problem(response, 409, 'dictionary-unknown')
    if (cloud.cannotRead(header)) return problem(response, 422, 'batch-wrong')
    const packed = bytes.subarray(length)
    const plain = packed.length === 0 ? undefined : zstdDecompressSync(packed)
    const runs = !plain
      ? []
      : dictionary
        ? decodeColumns(plain, dictionary, MAX_BATCH_READINGS)
        : decodeWithDictionary(plain, MAX_BATCH_READINGS)
    return takeBatch(request, response, { lane: 'readings', ...header }, () => {
      const readings = runs.flatMap(readingsOf)
      const keyOf = ({ series }: Reading, t: number) => `${seriesKey(series)}|${t}`
      if (header.movedByMs !== 0)
        for (const one of readings) stored.delete(keyOf(one, one.t - header.movedByMs))
      const good = readings.filter((one) => !cloud.refuses(one))
      for (const one of good) if (!stored.has(keyOf(one, one.t))) stored.set(keyOf(one, one.t), one)
      const refused = readings.filter(cloud.refuses).map(({ series: { house, device, metric }, t }) => {
        return { house, device, metric, t, why: 'implausible' }
      })
      return refused.length > 0 && { refused: refused.slice(0, 20), refusedCount: refused.length }
    })
  }
  return cloud
}
