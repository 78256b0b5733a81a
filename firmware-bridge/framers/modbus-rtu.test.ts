import { expect, it } from 'vitest'
import { crc16 } from './crc16.ts'
import type { ModbusRequest } from './modbus-pdu.ts'
import { createAnswerFramer, createRequestFramer, encodeAnswer, encodeRequest } from './modbus-rtu.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const read: ModbusRequest = { unit: 1, fc: 3, address: 0, count: 2 }

it.each([
  ['010300000002', 'c40b'],
  ['010400010002', '200b'],
  ['ff0307d00001', '9159'],
])('checksum of %s is %s', (body, sum) => {
  const crc = crc16(new Uint8Array(Buffer.from(body, 'hex')))
  expect(hex(Uint8Array.of(crc & 0xff, crc >> 8))).toBe(sum)
})

it('writes requests as the specification has them', () => {
  expect(hex(encodeRequest(read))).toBe('010300000002c40b')
  expect(hex(encodeRequest({ unit: 1, fc: 5, address: 0, on: true })).slice(0, 12)).toBe('01050000ff00')
  expect(hex(encodeRequest({ unit: 1, fc: 5, address: 1, on: false })).slice(0, 12)).toBe('010500010000')
})

it('packs bits lowest first and reads as many as were asked for', () => {
  const request: ModbusRequest = { unit: 9, fc: 2, address: 0, count: 10 }
  const values = [1, 0, 0, 0, 0, 0, 0, 1, 0, 1]
  const bytes = encodeAnswer(request, { kind: 'values', values })
  expect(hex(bytes).slice(0, 10)).toBe('0902028102')
  expect(createAnswerFramer([request]).push(bytes)).toEqual([
    { kind: 'frame', frame: { request, answer: { kind: 'values', values } } },
  ])
})

it('knows a refusal', () => {
  const bytes = encodeAnswer(read, { kind: 'exception', code: 2 })
  expect(hex(bytes)).toBe('018302c0f1')
  expect(createAnswerFramer([read]).push(bytes)).toEqual([
    { kind: 'frame', frame: { request: read, answer: { kind: 'exception', code: 2 } } },
  ])
})

it('takes neither an echo of the request nor another unit’s answer for the answer', () => {
  const values = [7, 8]
  const bytes = Buffer.concat([
    encodeRequest(read),
    encodeAnswer({ ...read, unit: 2 }, { kind: 'values', values: [1, 2] }),
    encodeAnswer(read, { kind: 'values', values }),
  ])
  const events = createAnswerFramer([read]).push(bytes)
  expect(events.filter(({ kind }) => kind === 'frame')).toEqual([
    { kind: 'frame', frame: { request: read, answer: { kind: 'values', values } } },
  ])
})

it('tells the answers to several requests apart, for a recording', () => {
  const bits: ModbusRequest = { unit: 1, fc: 1, address: 0, count: 8 }
  const framer = createAnswerFramer([read, bits])
  const line = Buffer.concat([
    encodeAnswer(bits, { kind: 'values', values: [1, 0, 0, 0, 0, 0, 0, 0] }),
    encodeAnswer(read, { kind: 'values', values: [1, 2] }),
  ])
  const requests = [...line].flatMap((byte) =>
    framer.push(Uint8Array.of(byte)).map((event) => (event.kind === 'frame' ? event.frame.request : event)),
  )
  expect(requests).toEqual([bits, read])
})

it('skips a request whose function it does not know', () => {
  const events = createRequestFramer().push(
    Buffer.concat([Buffer.from('0110000000010200', 'hex'), encodeRequest(read)]),
  )
  expect(events.at(-1)).toEqual({ kind: 'frame', frame: read })
})
