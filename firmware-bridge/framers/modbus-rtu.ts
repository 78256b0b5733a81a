import { crc16 } from './crc16.ts'
import { BAD_CHECKSUM, createFramer, type Framer, type Look, NOISE, WAIT } from './framer.ts'

/**
 * Modbus RTU. Words are big-endian, the checksum (crc16.ts) little-endian.
 *
 * ```
 * read     unit 01|02|03|04  address u16  count u16            crc     8 bytes
 * answer   unit 01|02        n u8   n bytes, first bit lowest  crc     5 + n
 *          unit 03|04        n u8   n / 2 words                crc     5 + n
 * write    unit 05           address u16  FF00 on | 0000 off   crc     8 bytes; the answer is the same
 * refusal  unit fc|80        code u8                           crc     5 bytes
 * ```
 * RTU ends a frame by 3.5 characters of silence, which no operating system and no serial device server
 * passes on. What is awaited is known, so frames are found by their beginning, length and checksum instead.
 * Source: Modbus Application Protocol V1.1b3 §6, §7; Modbus over Serial Line V1.02 §2.5.1.
 */
export type ReadRequest = { unit: number; fc: 1 | 2 | 3 | 4; address: number; count: number }
export type WriteRequest = { unit: number; fc: 5; address: number; on: boolean }
export type ModbusRequest = ReadRequest | WriteRequest

export type ModbusAnswer =
  /** Bits as 0 or 1, or unsigned words; as many as were asked for. */
  { kind: 'values'; values: number[] } | { kind: 'written' } | { kind: 'exception'; code: number }

const REQUEST_BYTES = 8
const EXCEPTION_BYTES = 5
const ON = 0xff00

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

export function encodeRequest(request: ModbusRequest): Uint8Array {
  const last = request.fc === 5 ? (request.on ? ON : 0) : request.count
  const { unit, fc, address } = request
  return sealed([unit, fc, address >> 8, address & 0xff, last >> 8, last & 0xff])
}

/** The answer a healthy device gives; values beyond a bit or word are cut to it. */
export function encodeAnswer(request: ModbusRequest, answer: ModbusAnswer): Uint8Array {
  const { unit, fc } = request
  if (answer.kind === 'exception') return sealed([unit, fc | 0x80, answer.code])
  if (answer.kind === 'written' || fc === 5) return encodeRequest(request)
  const data =
    fc <= 2 ? packBits(answer.values) : answer.values.flatMap((word) => [(word >> 8) & 0xff, word & 0xff])
  return sealed([unit, fc, data.length, ...data])
}

export type Answered = { request: ModbusRequest; answer: ModbusAnswer }

/**
 * Finds the answers to requests, one of them when it has been asked, all of them when listening to a
 * recording. Everything else on the line, the request's own echo included, is noise.
 */
export function createAnswerFramer(requests: readonly ModbusRequest[]): Framer<Answered> {
  const awaited = requests.map((request) => {
    const { unit, fc } = request
    const length = fc === 5 ? REQUEST_BYTES : 5 + dataBytes(request)
    const beginning =
      fc === 5 ? encodeRequest(request).subarray(0, 6) : Uint8Array.of(unit, fc, dataBytes(request))
    return { request, length, beginning, refusal: Uint8Array.of(unit, fc | 0x80) }
  })
  const longest = Math.max(EXCEPTION_BYTES, ...awaited.map(({ length }) => length))
  return createFramer<Answered>(longest, (bytes) => {
    let look: Look<Answered> = NOISE
    for (const { request, length, beginning, refusal } of awaited) {
      const refused = startsWith(bytes, refusal)
      if (!refused && !startsWith(bytes, beginning)) continue
      const wanted = refused ? EXCEPTION_BYTES : length
      if (bytes.length < wanted) {
        look = WAIT
      } else if (isSealed(bytes, wanted)) {
        return {
          kind: 'frame',
          bytes: wanted,
          frame: { request, answer: readAnswer(request, bytes, refused) },
        }
      } else if (look === NOISE) {
        look = BAD_CHECKSUM
      }
    }
    return look
  })
}

/** Finds requests to any unit: the device's side of the line, for the simulator and the tests. */
export const createRequestFramer = (): Framer<ModbusRequest> =>
  createFramer<ModbusRequest>(REQUEST_BYTES, (bytes) => {
    const fc = bytes[1]
    if (fc !== undefined && (fc < 1 || fc > 5)) return NOISE
    if (bytes.length < REQUEST_BYTES) return WAIT
    if (!isSealed(bytes, REQUEST_BYTES)) return BAD_CHECKSUM
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const unit = view.getUint8(0)
    const address = view.getUint16(2)
    const last = view.getUint16(4)
    if (fc === 5 && last !== ON && last !== 0) return { kind: 'skip', bytes: 1, reason: 'implausible' }
    const request: ModbusRequest =
      fc === 5
        ? { unit, fc, address, on: last === ON }
        : { unit, fc: fc as ReadRequest['fc'], address, count: last }
    return { kind: 'frame', bytes: REQUEST_BYTES, frame: request }
  })

const dataBytes = (request: ModbusRequest): number => {
  if (request.fc === 5) return 0
  return request.fc <= 2 ? Math.ceil(request.count / 8) : request.count * 2
}

function readAnswer(request: ModbusRequest, bytes: Uint8Array, refused: boolean): ModbusAnswer {
  if (refused) return { kind: 'exception', code: bytes[2] as number }
  return request.fc === 5 ? { kind: 'written' } : { kind: 'values', values: readValues(request, bytes) }
}

function readValues({ fc, count }: ReadRequest, bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return Array.from({ length: count }, (_, index) =>
    fc <= 2 ? (view.getUint8(3 + (index >> 3)) >> (index & 7)) & 1 : view.getUint16(3 + index * 2),
  )
}

function packBits(bits: readonly number[]): number[] {
  const bytes = new Array<number>(Math.ceil(bits.length / 8)).fill(0)
  bits.forEach((bit, index) => {
    if (bit) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7))
  })
  return bytes
}

function sealed(body: readonly number[]): Uint8Array {
  const bytes = Uint8Array.from([...body, 0, 0])
  new DataView(bytes.buffer).setUint16(body.length, crc16(bytes, body.length), true)
  return bytes
}

function isSealed(bytes: Uint8Array, length: number): boolean {
  const crc = crc16(bytes, length - 2)
  return bytes[length - 2] === (crc & 0xff) && bytes[length - 1] === crc >> 8
}

/** True as far as the bytes reach. */
function startsWith(bytes: Uint8Array, beginning: Uint8Array): boolean {
  const length = Math.min(bytes.length, beginning.length)
  for (let at = 0; at < length; at++) if (bytes[at] !== beginning[at]) return false
  return true
}
