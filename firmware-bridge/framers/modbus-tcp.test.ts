import { expect, it } from 'vitest'
import type { ModbusRequest } from './modbus-pdu.ts'
import {
  createTcpAnswerFramer,
  createTcpRequestFramer,
  encodeTcpAnswer,
  encodeTcpRequest,
} from './modbus-tcp.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const request: ModbusRequest = { unit: 17, fc: 3, address: 107, count: 3 }
const asked = { transaction: 1, request }
const answer = { kind: 'values' as const, values: [0x022b, 0, 0x0064] }

it('writes the header of the specification around its own example', () => {
  expect(hex(encodeTcpRequest(asked))).toBe('0001000000061103006b0003')
  expect(hex(encodeTcpAnswer(asked, answer))).toBe('000100000009110306022b00000064')
})

it.each<ModbusRequest>([
  request,
  { unit: 1, fc: 2, address: 0, count: 10 },
  { unit: 255, fc: 5, address: 1, on: true },
])('reads %j and its answer, wherever the stream is cut in two', (each) => {
  const said =
    each.fc === 5
      ? ({ kind: 'written' } as const)
      : { kind: 'values' as const, values: Array.from({ length: each.count }, (_, index) => index & 1) }
  const line = { transaction: 0x1234, request: each }
  const both = [
    { bytes: encodeTcpRequest(line), framer: createTcpRequestFramer, frame: line },
    {
      bytes: encodeTcpAnswer(line, said),
      framer: () => createTcpAnswerFramer(line),
      frame: { request: each, answer: said },
    },
  ]
  for (const { bytes, framer: create, frame } of both) {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const framer = create()
      const events = [...framer.push(bytes.subarray(0, cut)), ...framer.push(bytes.subarray(cut))]
      expect(events).toEqual([{ kind: 'frame', frame }])
    }
  }
})

it('knows a refusal', () => {
  const refusal = { kind: 'exception' as const, code: 2 }
  expect(createTcpAnswerFramer(asked).push(encodeTcpAnswer(asked, refusal))).toEqual([
    { kind: 'frame', frame: { request, answer: refusal } },
  ])
})

it('takes neither an earlier question’s late answer nor another unit’s', () => {
  const late = encodeTcpAnswer({ ...asked, transaction: 0 }, { ...answer, values: [1, 2, 3] })
  const other = encodeTcpAnswer(
    { ...asked, request: { ...request, unit: 18 } },
    { ...answer, values: [4, 5, 6] },
  )
  const events = createTcpAnswerFramer(asked).push(
    Buffer.concat([late, other, encodeTcpAnswer(asked, answer)]),
  )
  expect(events).toEqual([
    { kind: 'discarded', reason: 'noise', count: late.length + other.length },
    { kind: 'frame', frame: { request, answer } },
  ])
})

it('reads nothing from a million random bytes', () => {
  let state = 3
  const line = Uint8Array.from({ length: 1_000_000 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
  for (const framer of [createTcpAnswerFramer(asked), createTcpRequestFramer()])
    expect(framer.push(line).filter(({ kind }) => kind === 'frame')).toEqual([])
})
