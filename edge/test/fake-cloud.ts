import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { zstdDecompressSync } from 'node:zlib'
import { routes } from '#domain/api/routes.ts'
import type { Batch, Live, ReadingsBatch, Wants } from '#domain/sync.ts'
import { unpackBatch } from '#domain/sync.ts'
import { publicKeyFrom, verifyRequest } from '#request-signing/verify-request.ts'

/** What the next batches are answered with instead of the truth: taken from the front. */
export type Trouble = (request: IncomingMessage, response: ServerResponse) => void

export type FakeCloud = {
  url: string
  /** Watermark of the lane's newest epoch. */
  marks: Record<'readings' | 'alarms', number>
  /** Epochs that spoke, oldest first. */
  epochs: Record<'readings' | 'alarms', string[]>
  readings: { device: string; metric: string; t: number; value: number }[]
  alarms: { alarm: string; action: string; late: boolean }[]
  lives: Live[]
  frames: string[]
  batches: number
  troubles: Trouble[]
  wants: Wants
  /** Refuses batches with such a reading as wrong. */
  refuses: (reading: { device: string; value: number }) => boolean
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
  const cloud: FakeCloud = {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    marks: { readings: 0, alarms: 0 },
    epochs: { readings: [], alarms: [] },
    readings: [],
    alarms: [],
    lives: [],
    frames: [],
    batches: 0,
    troubles: [],
    wants: { version: 1, watched: true, pictures: [], acknowledged: [], flocks: [] },
    refuses: () => false,
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
    if (pathname === routes.edgeBatches) return takeBatch(request, response, JSON.parse(body.toString()))
    if (pathname === routes.edgeLive) cloud.lives.push(JSON.parse(body.toString()))
    else if (pathname.endsWith('/frame')) cloud.frames.push(pathname)
    else if (pathname === routes.edgeWants) {
      const version = Number(new URL(request.url ?? '/', cloud.url).searchParams.get('version'))
      if (version === cloud.wants.version) await new Promise((resolve) => setTimeout(resolve, HOLD_WANTS_MS))
      return say(response, 200, cloud.wants)
    }
    say(response, 204, undefined)
  }

  const takeBatch = (request: IncomingMessage, response: ServerResponse, batch: Batch) => {
    cloud.batches++
    const trouble = cloud.troubles.shift()
    if (trouble) return trouble(request, response)
    const epochs = cloud.epochs[batch.lane]
    if (epochs.at(-1) !== batch.epoch) {
      if (epochs.length > 0) cloud.marks[batch.lane] = 0
      epochs.push(batch.epoch)
    }
    const had = cloud.marks[batch.lane]
    if (batch.from > had + 1) return problem(response, 409, 'batch-gap', { expected: had + 1 })
    if (batch.lane === 'alarms') cloud.alarms.push(...batch.events.slice(had + 1 - batch.from))
    else {
      const readings = readingsOf(batch)
      if (batch.order.length !== batch.to - batch.from + 1 || readings.some(cloud.refuses)) {
        return problem(response, 422, 'batch-wrong')
      }
      cloud.readings.push(...readings.slice(had + 1 - batch.from))
    }
    cloud.marks[batch.lane] = Math.max(had, batch.to)
    say(response, 200, { watermark: cloud.marks[batch.lane] })
  }
  return cloud
}

function readingsOf(batch: ReadingsBatch) {
  return unpackBatch(batch).map(({ series: { device, metric }, t, value }) => ({ device, metric, t, value }))
}
