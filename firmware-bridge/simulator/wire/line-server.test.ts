import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type LineServer, openLineServer } from './line-server.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

const line = async (options: Partial<Parameters<typeof openLineServer>[0]> = {}): Promise<LineServer> => {
  const server = await openLineServer({ port: 0, disturb: (bytes) => bytes, ...options })
  open.push(server)
  return server
}
const client = async (port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1')
  open.push({ close: () => socket.destroy() })
  await once(socket, 'connect')
  return socket
}
const until = async (holds: () => boolean) => {
  for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(holds()).toBe(true)
}
const heard = (socket: Socket) => {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}

describe('a serial line on TCP', () => {
  it('says the same to every client, and answers one alone', async () => {
    const server = await line({ onClient: (reply) => (bytes) => reply(bytes) })
    const [a, b] = [await client(server.port), await client(server.port)]
    const [heardA, heardB] = [heard(a), heard(b)]
    await until(() => server.state().clients === 2)
    server.send(Buffer.from('all'))
    await until(() => heardA() === 'all' && heardB() === 'all')
    a.write('mine')
    await until(() => heardA() === 'allmine')
    expect(heardB()).toBe('all')
    expect(server.state()).toMatchObject({ frames: 3, bytes: 10, missed: 0 })
  })

  it('lets a client that does not read miss frames and holds up nobody', async () => {
    const server = await line()
    const [slow, quick] = [await client(server.port), await client(server.port)]
    slow.pause()
    let bytes = 0
    quick.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    await until(() => server.state().clients === 2)
    const frame = Buffer.alloc(16_384, 1)
    for (let i = 0; i < 1000; i++) {
      server.send(frame)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await until(() => server.state().missed > 0)
    expect(bytes).toBeGreaterThan(100 * frame.length)
  })

  it('is silent when told so, and speaks again', async () => {
    const server = await line()
    const socket = await client(server.port)
    const said = heard(socket)
    await until(() => server.state().clients === 1)
    server.condition.silent = true
    server.send(Buffer.from('unheard'))
    server.condition.silent = false
    server.send(Buffer.from('heard'))
    await until(() => said() === 'heard')
  })

  it('cut: hangs up and refuses, and opens the same port again', async () => {
    const server = await line()
    const socket = await client(server.port)
    socket.on('error', () => {})
    const gone = once(socket, 'close')
    await server.setCut(true)
    await gone
    await expect(client(server.port)).rejects.toThrow('ECONNREFUSED')
    await server.setCut(false)
    const again = await client(server.port)
    const said = heard(again)
    await until(() => server.state().clients === 1)
    server.send(Buffer.from('back'))
    await until(() => said() === 'back')
  })

  it('refuses a port that is taken', async () => {
    const server = await line()
    await expect(openLineServer({ port: server.port, disturb: (bytes) => bytes })).rejects.toThrow(
      'EADDRINUSE',
    )
  })
})
