import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { ModbusDefinition } from '../devices/definition.ts'
import {
  answerFrom,
  emptyImage,
  type FieldValues,
  type RegisterImage,
  writeImage,
} from '../devices/register-image.ts'
import type { ModbusAnswer, ModbusRequest } from '../framers/modbus-pdu.ts'
import { createRequestFramer, encodeAnswer } from '../framers/modbus-rtu.ts'
import { createTcpRequestFramer, encodeTcpAnswer } from '../framers/modbus-tcp.ts'
import type { Connect } from '../links/link.ts'

/** A serial device server with Modbus devices behind it, for tests: real bytes over a real socket. */
export type TestPeer = {
  port: number
  /** The same devices without a socket: nothing but timers lies between question and answer. */
  connect: Connect
  /** Every request as it came, `at` by `performance.now()`; `answeredAt` when its answer went out. */
  requests: { request: ModbusRequest; at: number; answeredAt?: number }[]
  image(unit: number): RegisterImage
  set(unit: number, values: FieldValues): void
  /** Changes the answer on its way: undefined is silence. May be set anew at any time. */
  tamper(change: (answer: Uint8Array, request: ModbusRequest) => Uint8Array | undefined): void
  /** How long a device thinks before it answers; 5 ms unless told. */
  think(delayMs: (request: ModbusRequest) => number): void
  hangUp(): void
  close(): void
}

export async function createTestPeer(
  devices: Readonly<Record<number, ModbusDefinition>>,
  protocol: 'rtu' | 'tcp' = 'rtu',
): Promise<TestPeer> {
  const images = new Map(Object.keys(devices).map((unit) => [Number(unit), emptyImage()]))
  const image = (unit: number): RegisterImage => images.get(unit) ?? emptyImage()
  const requests: TestPeer['requests'] = []
  const sockets = new Set<Socket>()
  let change: Parameters<TestPeer['tamper']>[0] = (answer) => answer
  let delayMs: Parameters<TestPeer['think']>[0] = () => 5

  function answer(
    send: (bytes: Uint8Array) => void,
    request: ModbusRequest,
    encode: (answer: ModbusAnswer) => Uint8Array,
  ): void {
    const entry: TestPeer['requests'][number] = { request, at: performance.now() }
    requests.push(entry)
    const definition = devices[request.unit]
    const bytes = definition && change(encode(answerFrom(image(request.unit), definition, request)), request)
    if (!bytes) return
    setTimeout(() => {
      entry.answeredAt = performance.now()
      send(bytes)
    }, delayMs(request))
  }

  function listen(send: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
    const rtu = createRequestFramer()
    const tcp = createTcpRequestFramer()
    return (bytes) => {
      if (protocol === 'rtu') {
        for (const event of rtu.push(bytes))
          if (event.kind === 'frame')
            answer(send, event.frame, (answered) => encodeAnswer(event.frame, answered))
      } else {
        for (const event of tcp.push(bytes))
          if (event.kind === 'frame')
            answer(send, event.frame.request, (answered) => encodeTcpAnswer(event.frame, answered))
      }
    }
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    const hear = listen((bytes) => socket.write(bytes))
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', hear)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    connect(events) {
      setTimeout(events.opened)
      return { write: listen(events.bytes), close() {} }
    },
    requests,
    image,
    set: (unit, values) => writeImage(image(unit), devices[unit] as ModbusDefinition, values),
    tamper(next) {
      change = next
    },
    think(next) {
      delayMs = next
    },
    hangUp,
    close() {
      hangUp()
      server.close()
    },
  }
}
