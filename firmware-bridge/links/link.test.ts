import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Connect, createLink, type Link, type LinkStatus } from './link.ts'
import { createRecorder, readChunk, writeChunk } from './recording.ts'
import { connectReplay } from './replay.ts'
import { connectSerial } from './serial.ts'
import { connectTcp } from './tcp.ts'

const clock = { now: Date.now, monotonic: () => performance.now() }
const folder = mkdtempSync(join(tmpdir(), 'links-'))
const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
afterEach(async () => {
  for (const end of ends.splice(1).reverse()) await end()
})

type Watched = { link: Link; states: LinkStatus[]; text(): string }

function watch(connect: Connect, silentAfterMs = 60_000, openWithinMs = 5000): Watched {
  const states: LinkStatus[] = []
  let received = ''
  const link = createLink({
    connect,
    clock,
    random: () => 0,
    silentAfterMs,
    openWithinMs,
    onBytes: (bytes) => {
      received += Buffer.from(bytes).toString('latin1')
    },
    onStatus: (status) => states.push(status),
  })
  ends.push(() => link.close())
  return { link, states, text: () => received }
}

async function listen(
  onSocket: (socket: Socket) => void,
  port = 0,
): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    ends.push(() => socket.destroy())
    onSocket(socket)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => server.close())
  return { server, port: (server.address() as AddressInfo).port }
}

const tcp = (port: number) => connectTcp({ type: 'tcp', host: '127.0.0.1', port })
const until = (check: () => void, ms = 5000) => vi.waitFor(check, { timeout: ms, interval: 20 })

describe('tcp', () => {
  it('carries bytes both ways', async () => {
    const { port } = await listen((socket) => socket.on('data', (bytes) => socket.write(bytes)))
    const { link, text } = watch(tcp(port))
    expect(link.write(Buffer.from('early'))).toBe(false)
    await until(() => expect(link.status().state).toBe('open'))
    expect(link.write(Buffer.from('echo'))).toBe(true)
    await until(() => expect(text()).toBe('echo'))
  })

  it('opens again when the peer closes', async () => {
    let met = 0
    const { port } = await listen((socket) => {
      met++
      socket.write(`hello ${met} `)
      if (met === 1) setTimeout(() => socket.end(), 50)
    })
    const { link, states, text } = watch(tcp(port))
    await until(() => expect(text()).toBe('hello 1 hello 2 '))
    expect(link.status()).toEqual({ state: 'open', reopened: 1 })
    expect(states.map(({ state }) => state)).toEqual(['opening', 'open', 'closed', 'opening', 'open', 'open'])
    expect(states[2]?.error).toBe('peer closed the connection')
  })

  it('knocks until a peer that refuses is there', async () => {
    const { server, port } = await listen(() => {})
    server.close()
    const { link, states } = watch(tcp(port))
    await until(() => expect(states.filter(({ state }) => state === 'closed').length).toBe(2))
    expect(link.status().error).toContain('ECONNREFUSED')
    await listen((socket) => socket.write('back'), port)
    await until(() => expect(link.status()).toEqual({ state: 'open', reopened: 0 }))
  })

  it('notices a peer that vanished without a word', async () => {
    let met = 0
    const { port } = await listen((socket) => {
      met++
      socket.write('x')
    })
    const { link, states } = watch(tcp(port), 300)
    await until(() => expect(met).toBe(2))
    expect(states.find(({ state }) => state === 'closed')?.error).toBe('no byte for 0.3 s')
    await until(() => expect(link.status().reopened).toBeGreaterThan(0))
  })

  it('gives up a try that hangs', async () => {
    const never: Connect = () => ({ write() {}, close() {} })
    const { states } = watch(never, 60_000, 100)
    await until(() =>
      expect(states.at(1)).toEqual({ state: 'closed', reopened: 0, error: 'not open after 0.1 s' }),
    )
  })

  it('stays closed once it is closed', async () => {
    const { port } = await listen((socket) => socket.write('x'))
    const { link, states } = watch(tcp(port))
    await until(() => expect(link.status().state).toBe('open'))
    link.close()
    const said = states.length
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(states.length).toBe(said)
    expect(link.write(Buffer.from('x'))).toBe(false)
  })
})

const hasSocat = spawnSync('socat', ['-V']).status === 0
const pty = hasSocat ? describe : describe.skip
pty(`serial${hasSocat ? '' : ' (skipped: socat is not installed)'}`, () => {
  async function plugIn(near: string, far: string): Promise<ChildProcess> {
    const cable = spawn('socat', [`pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`])
    ends.push(() => cable.kill('SIGKILL'))
    await until(() => expect(existsSync(near) && existsSync(far)).toBe(true))
    return cable
  }

  it('carries bytes both ways and comes back after it was pulled out', async () => {
    const near = join(folder, 'near')
    const far = join(folder, 'far')
    let cable = await plugIn(near, far)
    const { link, states, text } = watch(connectSerial({ type: 'serial', path: near, baudRate: 9600 }))
    const other = watch(connectSerial({ type: 'serial', path: far, baudRate: 9600 }))
    await until(() => expect([link.status().state, other.link.status().state]).toEqual(['open', 'open']))
    link.write(Buffer.from('ping'))
    await until(() => expect(other.text()).toBe('ping'))
    other.link.write(Buffer.from('pong'))
    await until(() => expect(text()).toBe('pong'))

    cable.kill('SIGKILL')
    await once(cable, 'exit')
    rmSync(near, { force: true })
    rmSync(far, { force: true })
    await until(() => expect(states.some(({ state }) => state === 'closed')).toBe(true))

    cable = await plugIn(near, far)
    await until(
      () => expect([link.status().state, other.link.status().state]).toEqual(['open', 'open']),
      10_000,
    )
    other.link.write(Buffer.from(' again'))
    await until(() => expect(text()).toBe('pong again'))
    expect(link.status()).toEqual({ state: 'open', reopened: 1 })
  }, 20_000)
})

describe('replay', () => {
  const file = () => join(folder, `${Math.random()}.jsonl`)

  it('plays a recording at its pace, and from the beginning at its end', async () => {
    const path = file()
    writeFileSync(path, `{"t":1000,"hex":"41"}\n\n{"t":2000,"hex":"4243"}\n`)
    const { text, states } = watch(connectReplay({ type: 'replay', file: path, speed: 10 }, clock))
    const startedAt = performance.now()
    await until(() => expect(text()).toBe('ABC'))
    expect(performance.now() - startedAt).toBeGreaterThan(90)
    await until(() => expect(text()).toBe('ABCABC'))
    expect(states.find(({ state }) => state === 'closed')?.error).toBe('end of the recording')
  })

  it.each([
    ['is missing', undefined, 'ENOENT'],
    ['has a line that is no chunk', '{"t":1,"hex":"00"}\n{"t":2,"hex":"0"}\n', 'line 2 is not'],
  ])('says it when the recording %s', async (_, content, message) => {
    const path = file()
    if (content !== undefined) writeFileSync(path, content)
    const { link } = watch(connectReplay({ type: 'replay', file: path }, clock))
    await until(() => expect(link.status().error).toContain(message))
  })

  it('stops in the middle', async () => {
    const path = file()
    writeFileSync(path, `{"t":0,"hex":"41"}\n{"t":60000,"hex":"42"}\n`)
    const { link, text } = watch(connectReplay({ type: 'replay', file: path }, clock))
    await until(() => expect(text()).toBe('A'))
    link.close()
  })

  it('plays what was recorded', async () => {
    const path = file()
    const recorder = createRecorder(path, clock, (message) => expect(message).toBe(''))
    recorder.add(Uint8Array.of(0, 255))
    recorder.add(Uint8Array.of(7))
    await recorder.close()
    const chunks = readFileSync(path, 'utf8').trim().split('\n').map(readChunk)
    expect(chunks.map((chunk) => [...(chunk?.bytes ?? [])])).toEqual([[0, 255], [7]])
    appendFileSync(path, writeChunk({ t: clock.now(), bytes: Uint8Array.of(1) }))
    const { text } = watch(connectReplay({ type: 'replay', file: path }, clock))
    await until(() => expect(text()).toBe('\x00\xff\x07\x01'))
  })

  it('a recording that cannot be written is said, once', async () => {
    const said: string[] = []
    const recorder = createRecorder(join(folder, 'none', 'x.jsonl'), clock, (message) => said.push(message))
    await until(() => expect(said).toHaveLength(1))
    recorder.add(Uint8Array.of(1))
    await recorder.close()
    expect(said).toHaveLength(1)
  })
})

it.each(['', '[]', '{"t":"1","hex":""}', '{"t":1}', '{"t":1,"hex":"0g"}', '{"t":1,"hex":"abc"}'])(
  '%s is no chunk',
  (line) => {
    expect(readChunk(line)).toBeUndefined()
  },
)
