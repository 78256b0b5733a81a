import { generateKeyPairSync } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCounters } from '../counters.ts'
import { type CloudClient, type CloudRequest, createCloudClient } from './cloud-client.ts'

type Say = (socket: Socket, request: string) => void
const DATE = 'Mon, 01 Jun 2026 00:00:00 GMT'
const ok = (body: string, head = '') =>
  `HTTP/1.1 200 OK\r\nDate: ${DATE}\r\nContent-Length: ${body.length}\r\n${head}\r\n${body}`

/** Bytes on the line, against a server that says what a test tells it to. */
describe('the client', () => {
  let say: Say
  let sockets: Socket[]
  let requests: string[]
  let dates: [number, number][]
  let client: CloudClient
  let closing: AbortController
  let close: () => void
  const { privateKey } = generateKeyPairSync('ed25519')
  const identity = { privateKey, publicKey: '', edge: () => 'edge-0a1b2c3d4e5f', enrolled() {}, keep() {} }

  beforeEach(async () => {
    sockets = []
    requests = []
    dates = []
    say = (socket) => socket.write(ok('{}'))
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => {})
      socket.on('data', (data) => {
        requests.push(data.toString('latin1'))
        say(socket, data.toString('latin1'))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    closing = new AbortController()
    client = createCloudClient({
      url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
      identity,
      clock: { now: Date.now, monotonic: () => performance.now() },
      counters: createCounters(
        () => {},
        () => 0,
      ),
      closed: closing.signal,
      onDate: (serverMs, rttMs) => dates.push([serverMs, rttMs]),
    })
    close = () => {
      closing.abort()
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  })
  afterEach(() => close())

  const batch: CloudRequest = { method: 'POST', path: '/api/edge/v1/batches', bytes: new Uint8Array(500) }
  const quick = { ...batch, bytes: new Uint8Array(1), timeoutMs: 300 }

  it('sends the headers that are needed and no others, over one connection', async () => {
    for (let sent = 0; sent < 3; sent++) expect(await client.send(batch)).toEqual({ kind: 'ok', body: {} })
    expect(sockets).toHaveLength(1)
    const [head = ''] = (requests[2] ?? '').split('\r\n\r\n')
    const names = head
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(':', 1)[0]?.toLowerCase())
    expect(names.sort()).toEqual([
      ...['content-digest', 'content-length', 'content-type', 'host', 'signature', 'signature-input'],
    ])
    // A line paid by the byte: a head grows by no oversight.
    expect(head.length).toBeLessThan(480)
  })

  it('tells the cloud’s time, and how long it was on its way', async () => {
    say = (socket) => setTimeout(() => socket.write(ok('{}')), 50)
    await client.send(batch)
    expect(dates).toEqual([[Date.parse(DATE), expect.any(Number)]])
    expect(dates[0]?.[1]).toBeGreaterThan(40)
    say = (socket) => socket.write(ok('<html>hotel</html>'))
    await client.send(batch)
    expect(dates).toHaveLength(1)
  })

  const bad: [string, Say, RegExp][] = [
    ['never answers', () => {}, /no answer within/],
    [
      'never ends its answer',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{'),
      /no answer within/,
    ],
    [
      'breaks off',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{'),
      /aborted|hang up/,
    ],
    ['hangs up', (socket) => socket.destroy(), /hang up|ECONNRESET/],
    ['speaks another language', (socket) => socket.end('220 smtp ready\r\n'), /Parse Error/],
    [
      'answers with HTML',
      (socket) => socket.write(ok('<html>')),
      /status 200 with something that is not JSON/,
    ],
    ['answers 500', (socket) => socket.write('HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno'), /status 500/],
    [
      'sends elsewhere',
      (socket) => socket.write('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 2\r\n\r\n{}'),
      /status 302/,
    ],
    ['never stops', (socket) => socket.write(ok('x'.repeat(2_000_000))), /too long/],
  ]
  it.each(bad)('calls it a failure when the cloud %s', async (_, behave, why) => {
    say = behave
    const start = performance.now()
    expect(await client.send(quick)).toEqual({ kind: 'failed', why: expect.stringMatching(why) })
    expect(performance.now() - start).toBeLessThan(2_000)
    // And goes on as if nothing had been.
    say = (socket) => socket.write(ok('{}'))
    expect(await client.send(batch)).toEqual({ kind: 'ok', body: {} })
  })

  it('knows a refusal of ours, and for how long to wait', async () => {
    const body = '{"code":"too-many","detail":"slowly"}'
    say = (socket) =>
      socket.write(`HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    expect(await client.send(batch)).toMatchObject({ kind: 'problem', code: 'too-many', retryAfterMs: 7000 })
  })

  it('takes a new connection when the old one was cut while it was idle', async () => {
    await client.send(batch)
    // As a proxy does that forgot it: the next request finds it closed.
    say = (socket) => (socket === sockets[0] ? socket.resetAndDestroy() : socket.write(ok('{}')))
    expect(await client.send(batch)).toEqual({ kind: 'ok', body: {} })
    expect(sockets).toHaveLength(2)
  })

  it('ends what is under way when it is closed', async () => {
    say = () => {}
    const answer = client.send(batch)
    await expect.poll(() => requests.length).toBe(1)
    closing.abort()
    expect((await answer).kind).toBe('failed')
  })
})
