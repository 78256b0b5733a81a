/**
 * What Modbus asks and answers, without the line that carries it (modbus-rtu.ts, modbus-tcp.ts). Words are
 * big-endian.
 *
 * ```
 * read     fc 01|02|03|04  address u16  count u16
 * answer   fc 01|02        n u8   n bytes, first bit lowest
 *          fc 03|04        n u8   n / 2 words
 * write    fc 05           address u16  FF00 on | 0000 off     the answer is the same
 * refusal  fc|80           code u8
 * ```
 * Source: Modbus Application Protocol V1.1b3 §6, §7.
 */
export type ReadRequest = { unit: number; fc: 1 | 2 | 3 | 4; address: number; count: number }
export type WriteRequest = { unit: number; fc: 5; address: number; on: boolean }
export type ModbusRequest = ReadRequest | WriteRequest

export type ModbusAnswer =
  /** Bits as 0 or 1, or unsigned words; as many as were asked for. */
  { kind: 'values'; values: number[] } | { kind: 'written' } | { kind: 'exception'; code: number }

export type Answered = { request: ModbusRequest; answer: ModbusAnswer }

const ON = 0xff00
export const REQUEST_BYTES = 5
export const REFUSAL_BYTES = 2
/** The most that one read may ask for, by the specification. */
export const MAX_WORDS = 125
export const MAX_BITS = 2000

/** What the specification calls them, for the installer's eyes. */
export const exceptionNames: Readonly<Record<number, string>> = {
  1: 'illegal function',
  2: 'illegal data address',
  3: 'illegal data value',
  4: 'device failure',
  5: 'acknowledge',
  6: 'device busy',
  8: 'memory parity error',
  10: 'gateway path unavailable',
  11: 'gateway target did not respond',
}

export function requestPdu(request: ModbusRequest): number[] {
  const last = request.fc === 5 ? (request.on ? ON : 0) : request.count
  const { fc, address } = request
  return [fc, address >> 8, address & 0xff, last >> 8, last & 0xff]
}

/** Undefined when it is no request that we know, or writes neither on nor off. */
export function readRequest(unit: number, pdu: Uint8Array): ModbusRequest | undefined {
  if (pdu.length !== REQUEST_BYTES) return undefined
  const [fc = 0, high = 0, low = 0, first = 0, second = 0] = pdu
  const address = (high << 8) | low
  const last = (first << 8) | second
  if (fc === 5) return last === ON || last === 0 ? { unit, fc, address, on: last === ON } : undefined
  return fc >= 1 && fc <= 4 ? { unit, fc: fc as ReadRequest['fc'], address, count: last } : undefined
}

/** The answer a healthy device gives; values beyond a bit or word are cut to it. */
export function answerPdu(request: ModbusRequest, answer: ModbusAnswer): number[] {
  const { fc } = request
  if (answer.kind === 'exception') return [fc | 0x80, answer.code]
  if (answer.kind === 'written' || fc === 5) return requestPdu(request)
  const data =
    fc <= 2 ? packBits(answer.values) : answer.values.flatMap((word) => [(word >> 8) & 0xff, word & 0xff])
  return [fc, data.length, ...data]
}

/** How every answer to this request begins, refusals apart. */
export const answerBeginning = (request: ModbusRequest): number[] =>
  request.fc === 5 ? requestPdu(request) : [request.fc, dataBytes(request)]

export const answerBytes = (request: ModbusRequest): number =>
  request.fc === 5 ? REQUEST_BYTES : 2 + dataBytes(request)

/** `pdu` has the beginning and the length that the request asks for, or is a refusal. */
export function readAnswer(request: ModbusRequest, pdu: Uint8Array): ModbusAnswer {
  if ((pdu[0] as number) & 0x80) return { kind: 'exception', code: pdu[1] as number }
  return request.fc === 5 ? { kind: 'written' } : { kind: 'values', values: readValues(request, pdu) }
}

function dataBytes(request: ModbusRequest): number {
  if (request.fc === 5) return 0
  return request.fc <= 2 ? Math.ceil(request.count / 8) : request.count * 2
}

function readValues({ fc, count }: ReadRequest, pdu: Uint8Array): number[] {
  const view = new DataView(pdu.buffer, pdu.byteOffset)
  return Array.from({ length: count }, (_, index) =>
    fc <= 2 ? (view.getUint8(2 + (index >> 3)) >> (index & 7)) & 1 : view.getUint16(2 + index * 2),
  )
}

function packBits(bits: readonly number[]): number[] {
  const bytes = new Array<number>(Math.ceil(bits.length / 8)).fill(0)
  bits.forEach((bit, index) => {
    if (bit) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7))
  })
  return bytes
}
