import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import { afterEach, expect, it, vi } from 'vitest'
import { decodePicture, encodePicture, type Picture } from '#domain/picture.ts'
import type { Sample } from '#domain/topics.ts'
import { connectToEdge } from './edge-connection.ts'
import { createPublisher, type Sender } from './publisher.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A broker that is told of every message, and acknowledges only when `acknowledges`. */
async function startBroker(port: number, acknowledges: boolean) {
  const received: { topic: string; qos: number; samples: Sample[] }[] = []
  const pictures: Picture[] = []
  const broker = await Aedes.createBroker({
    authorizePublish(client, packet, done) {
      if (packet.topic.endsWith('/readings')) {
        const body: Sample | Sample[] = JSON.parse(packet.payload.toString())
        received.push({ topic: packet.topic, qos: packet.qos, samples: [body].flat() })
      }
      const picture = decodePicture(packet.payload as Buffer)
      if (picture) pictures.push(picture)
      if (acknowledges) done(null)
      // As the edge does: what comes behind is read all the same.
      else client?.conn.emit('readable')
    },
  })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    broker.handle(socket)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => broker.close(() => resolve()))
  }
  return { received, pictures, port: (server.address() as AddressInfo).port, close }
}

it('holds back while nothing is acknowledged, and loses nothing when the edge dies over it', async () => {
  const first = await startBroker(0, false)
  const edge = connectToEdge({
    url: `mqtt://127.0.0.1:${first.port}`,
    user: 'bridge',
    token: 't',
    topics: [],
    onConnected: () => publisher.resume(),
    onTrouble() {},
    onMessage() {},
  })
  closers.push(() => edge.close())
  const publisher = createPublisher(edge)
  const drops: string[] = []
  const senders = ['a', 'b'].map(
    (id): Sender => ({ house: 'h', id, onDropped: (reason) => drops.push(reason) }),
  )
  await vi.waitFor(() => expect(edge.connected()).toBe(true), { timeout: 5000 })
  const COUNT = 3000
  for (let t = 0; t < COUNT; t++)
    for (const sender of senders) publisher.readings(sender, { t, values: { light: t } })
  await vi.waitFor(() => expect(first.received.length).toBeGreaterThan(0))
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(first.received.filter(({ qos }) => qos === 1).length).toBeLessThanOrEqual(20)

  await first.close()
  const second = await startBroker(first.port, true)
  closers.push(() => second.close())
  const timesOf = (id: string) =>
    second.received
      .filter(({ topic, qos }) => qos === 1 && topic === `flockwise/v1/h/${id}/readings`)
      .flatMap(({ samples }) => samples.map(({ t }) => t))
  const all = Array.from({ length: COUNT }, (_, t) => t)
  await vi.waitFor(() => expect([timesOf('a').length, timesOf('b').length]).toEqual([COUNT, COUNT]), {
    timeout: 8000,
  })
  for (const id of ['a', 'b']) expect(timesOf(id)).toEqual(all)
  // A backlog travels in few messages.
  expect(second.received.length).toBeLessThan(60)
  expect(drops).toEqual([])
}, 20_000)

it('lets the rules see the newest sample while nothing is acknowledged', async () => {
  const broker = await startBroker(0, false)
  const edge = connectToEdge({
    url: `mqtt://127.0.0.1:${broker.port}`,
    user: 'bridge',
    token: 't',
    topics: [],
    onConnected: () => {},
    onTrouble() {},
    onMessage() {},
  })
  closers.push(() => edge.close())
  closers.push(() => broker.close())
  const publisher = createPublisher(edge)
  const senders = Array.from(
    { length: 21 },
    (_, index): Sender => ({ house: 'h', id: `d${index}`, onDropped() {} }),
  )
  await vi.waitFor(() => expect(edge.connected()).toBe(true), { timeout: 5000 })
  for (const sender of senders.slice(0, 20)) publisher.readings(sender, { t: 1, values: { light: 1 } })
  await vi.waitFor(() => expect(broker.received).toHaveLength(20))
  const last = senders[20] as Sender
  publisher.readings(last, { t: 2, values: { 'fan.running': 0 } })
  await vi.waitFor(() =>
    expect(broker.received.at(-1)).toEqual({
      topic: 'flockwise/v1/h/d20/readings',
      qos: 0,
      samples: [{ t: 2, values: { 'fan.running': 0 } }],
    }),
  )
})

it('of a camera’s pictures that wait for a slow line, the newest is sent and the others are counted', async () => {
  const broker = await startBroker(0, true)
  closers.push(() => broker.close())
  // The line between them: it stands still when it is told to.
  const ends: Socket[] = []
  const line = createServer((near) => {
    const far = createConnection(broker.port, '127.0.0.1')
    ends.push(near, far)
    near.pipe(far).pipe(near)
  })
  line.listen(0, '127.0.0.1')
  await once(line, 'listening')
  closers.push(() => {
    for (const end of ends) end.destroy()
    line.close()
  })
  const edge = connectToEdge({
    url: `mqtt://127.0.0.1:${(line.address() as AddressInfo).port}`,
    user: 'bridge',
    token: 't',
    topics: [],
    onConnected() {},
    onTrouble() {},
    onMessage() {},
  })
  closers.push(() => edge.close())
  const publisher = createPublisher(edge)
  let dropped = 0
  const camera: Sender = { house: 'h', id: 'cam', onDropped: (_, count) => (dropped += count) }
  await vi.waitFor(() => expect(edge.connected()).toBe(true), { timeout: 5000 })

  const near = ends[0] as Socket
  near.unpipe()
  near.pause()
  const jpeg = new Uint8Array(800_000)
  jpeg.set([0xff, 0xd8])
  jpeg.set([0xff, 0xd9], jpeg.length - 2)
  const COUNT = 60
  for (let t = 1; t <= COUNT; t++) {
    publisher.picture(camera, { width: 4, height: 3, t, jpeg })
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  expect(encodePicture({ width: 4, height: 3, t: 1, jpeg }).length * COUNT).toBeGreaterThan(40_000_000)
  expect(dropped).toBeGreaterThan(COUNT / 2)
  near.pipe(ends[1] as Socket)
  await vi.waitFor(() => expect(broker.pictures.at(-1)?.t).toBe(COUNT), { timeout: 8000 })
  const times = broker.pictures.map(({ t }) => t)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(times.length + dropped).toBe(COUNT)
}, 20_000)
