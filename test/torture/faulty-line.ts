import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LineFault } from './fault-kinds.ts'
import { between, pick, type Random } from './random.ts'

/** The way from one edge to the cloud. It knows HTTP, so that it can do to an upload what lines and proxies do. */
export type FaultyLine = {
  port: number
  /** From now on uploads suffer what `next` says, if it says anything. */
  suffer(next: () => LineFault | undefined): void
  cut(): void
  mend(): void
  /** No more faults: what was held back is let go, what is silent is reset. */
  heal(): void
  close(): Promise<void>
}

type Upload = { method: string; path: string; headers: IncomingHttpHeaders; body: Buffer }
type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer }

export type FaultyLineOptions = {
  cloudPort: number
  random: Random
  /** A fault took place. Not called when nobody was there to suffer it. */
  onFault(kind: LineFault): void
}

/** Uploads of batches suffer; questions and signs of life only share the line. */
const isUpload = ({ method, url }: IncomingMessage) => method === 'POST' && url?.endsWith('/batches') === true
const MAX_HELD = 20

export async function openFaultyLine(options: FaultyLineOptions): Promise<FaultyLine> {
  const { cloudPort, random, onFault } = options
  const sockets = new Set<Socket>()
  const held: Upload[] = []
  let next: () => LineFault | undefined = () => undefined
  let isUp = true
  let quiet = new AbortController()

  const hangUp = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  const pass = async (upload: Upload, response: ServerResponse) => {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    reply(response, await forward(cloudPort, upload, gone.signal))
  }

  const replay = async (upload: Upload) => {
    await forward(cloudPort, upload).then(
      () => onFault('reordered'),
      () => {},
    )
  }
  /** Half of the time the upload is stored all the same. */
  const perhapsForward = async (upload: Upload) => {
    if (random() < 0.5) await forward(cloudPort, upload)
  }

  /** Throws when the cloud was not there; then it was no fault of the line. */
  const suffer: Record<LineFault, (upload: Upload, response: ServerResponse) => Promise<void>> = {
    'cut in mid-request': async (upload, response) => {
      await forwardPart(cloudPort, upload, between(random, 0, upload.body.length - 1))
      response.destroy()
    },
    'cut in mid-answer': async (upload, response) => {
      const { status, headers, body } = await forward(cloudPort, upload)
      response.writeHead(status, { ...headers, 'content-length': body.length })
      const part = body.subarray(0, between(random, 0, body.length - 1))
      response.write(part, () => response.destroy())
    },
    'answer dropped': async (upload, response) => {
      await forward(cloudPort, upload)
      response.destroy()
    },
    delayed: async (upload, response) => {
      await sleep(between(random, 100, 2000), undefined, { signal: quiet.signal }).catch(() => {})
      await pass(upload, response)
    },
    duplicated: async (upload, response) => {
      const copies = Array.from({ length: between(random, 1, 2) }, () => forward(cloudPort, upload))
      const isAtOnce = random() < 0.5
      if (!isAtOnce) await Promise.all(copies)
      const [answer] = await Promise.all([forward(cloudPort, upload), ...copies])
      reply(response, answer)
    },
    reordered: async (upload, response) => {
      held.push(upload)
      response.destroy()
    },
    corrupted: async (upload, response) => {
      const body = Buffer.from(upload.body)
      for (let i = between(random, 1, 4); i > 0; i--) {
        const at = between(random, 0, body.length - 1)
        body[at] = (body[at] as number) ^ between(random, 1, 255)
      }
      // Two changes of one byte may undo each other.
      body[0] = (body[0] as number) ^ (body.equals(upload.body) ? 1 : 0)
      await pass({ ...upload, body }, response)
    },
    'answer 500': async (upload, response) => {
      await perhapsForward(upload)
      reply(response, made(pick(random, [500, 502, 503, 504]), 'text/plain', 'something broke'))
    },
    'answer 429': async (upload, response) => {
      await perhapsForward(upload)
      const answer = made(429, 'application/problem+json', '{"status":429,"code":"too-many"}')
      reply(response, {
        ...answer,
        headers: { ...answer.headers, 'retry-after': String(between(random, 0, 1)) },
      })
    },
    'answer HTML': async (upload, response) => {
      await perhapsForward(upload)
      reply(response, made(pick(random, [200, 404, 511]), 'text/html', '<html><h1>Welcome to our hotel</h1>'))
    },
    'answer garbage': async (upload, response) => {
      await perhapsForward(upload)
      const texts = [
        '',
        '{}',
        '[]',
        'null',
        '{"watermark":',
        '{"watermark":"7"}',
        '{"watermark":-1}',
        '\0\xff{',
      ]
      reply(response, made(200, 'application/json', pick(random, texts)))
    },
    'no answer': async (upload, response) => {
      await perhapsForward(upload)
      await sleep(between(random, 500, 4000), undefined, { signal: quiet.signal }).catch(() => {})
      response.destroy()
    },
  }

  const server = createServer(async (message, response) => {
    try {
      const upload = await readUpload(message)
      const kind = isUpload(message) && upload.body.length > 0 ? next() : undefined
      if (!kind) await pass(upload, response)
      else {
        await suffer[kind](upload, response)
        if (kind !== 'reordered') onFault(kind)
      }
      // Those held back come after one or more that were sent later.
      if (isUpload(message) && held.length > 0 && (held.length > MAX_HELD || random() < 0.4))
        await replay(held.splice(between(random, 0, held.length - 1), 1)[0] as Upload)
    } catch {
      response.destroy()
    }
  })
  server.on('connection', (socket) => {
    if (!isUp) {
      socket.resetAndDestroy()
      return
    }
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    port: (server.address() as AddressInfo).port,
    suffer(chosen) {
      next = chosen
      quiet = new AbortController()
    },
    cut() {
      isUp = false
      hangUp()
    },
    mend() {
      isUp = true
    },
    heal() {
      next = () => undefined
      isUp = true
      quiet.abort()
      for (const upload of held.splice(0)) void replay(upload)
    },
    close() {
      hangUp()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function readUpload(message: IncomingMessage): Promise<Upload> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  const { method = 'GET', url = '/', headers } = message
  return { method, path: url, headers, body: Buffer.concat(chunks) }
}

function sendTo(port: number, { method, path, headers, body }: Upload, signal?: AbortSignal) {
  const { 'transfer-encoding': _, connection: __, ...kept } = headers
  const length = method === 'GET' ? {} : { 'content-length': body.length }
  const to = { host: '127.0.0.1', port, method, path, headers: { ...kept, ...length }, agent: false }
  return request({ ...to, ...(signal && { signal }) })
}

function forward(port: number, upload: Upload, signal?: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = sendTo(port, upload, signal)
    outgoing.on('error', reject)
    outgoing.on('response', async (incoming) => {
      try {
        const chunks: Buffer[] = []
        for await (const chunk of incoming) chunks.push(chunk)
        resolve({
          status: incoming.statusCode ?? 502,
          headers: incoming.headers,
          body: Buffer.concat(chunks),
        })
      } catch (error) {
        reject(error)
      }
    })
    outgoing.end(upload.body)
  })
}

/** Resolves once the cloud's side has it; it is cut off then. */
function forwardPart(port: number, upload: Upload, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = sendTo(port, upload)
    outgoing.on('error', reject)
    outgoing.flushHeaders()
    outgoing.write(upload.body.subarray(0, bytes), () => {
      setTimeout(() => {
        outgoing.destroy()
        resolve()
      }, 5)
    })
  })
}

function made(status: number, type: string, text: string): Answer {
  return {
    status,
    headers: { 'content-type': type, date: new Date().toUTCString() },
    body: Buffer.from(text),
  }
}

function reply(response: ServerResponse, { status, headers, body }: Answer): void {
  const { 'transfer-encoding': _, connection: __, 'keep-alive': ___, ...kept } = headers
  if (status === 204) response.writeHead(status, kept).end()
  else response.writeHead(status, { ...kept, 'content-length': body.length }).end(body)
}
