import { crc16 } from './crc16.ts'
import { BAD_CHECKSUM, createFramer, type Framer, IMPLAUSIBLE, type Look, NOISE, WAIT } from './framer.ts'
import {
  type Answered,
  answerBeginning,
  answerBytes,
  answerPdu,
  type ModbusAnswer,
  type ModbusRequest,
  REFUSAL_BYTES,
  REQUEST_BYTES,
  readAnswer,
  readRequest,
  requestPdu,
} from './modbus-pdu.ts'

/**
 * Modbus RTU: what modbus-pdu.ts says, between a unit and a checksum (crc16.ts, low byte first).
 *
 * ```
 * 0        unit
 * 1 …      request or answer
 * last 2   crc
 * ```
 * RTU ends a frame by 3.5 characters of silence, which no operating system and no serial device server
 * passes on. What is awaited is known, so frames are found by their beginning, length and checksum instead.
 * Source: Modbus over Serial Line V1.02 §2.5.1.
 */
const AROUND = 3

export const encodeRequest = (request: ModbusRequest): Uint8Array =>
  sealed([request.unit, ...requestPdu(request)])

export const encodeAnswer = (request: ModbusRequest, answer: ModbusAnswer): Uint8Array =>
  sealed([request.unit, ...answerPdu(request, answer)])

/**
 * Finds the answers to requests, one of them when it has been asked, all of them when listening to a
 * recording. Everything else on the line, the request's own echo included, is noise.
 */
export function createAnswerFramer(requests: readonly ModbusRequest[]): Framer<Answered> {
  const awaited = requests.map((request) => ({
    request,
    length: AROUND + answerBytes(request),
    beginning: Uint8Array.of(request.unit, ...answerBeginning(request)),
    refusal: Uint8Array.of(request.unit, request.fc | 0x80),
  }))
  const longest = Math.max(AROUND + REFUSAL_BYTES, ...awaited.map(({ length }) => length))
  return createFramer<Answered>(longest, (bytes) => {
    let look: Look<Answered> = NOISE
    for (const { request, length, beginning, refusal } of awaited) {
      const refused = startsWith(bytes, refusal)
      if (!refused && !startsWith(bytes, beginning)) continue
      const wanted = refused ? AROUND + REFUSAL_BYTES : length
      if (bytes.length < wanted) {
        look = WAIT
      } else if (isSealed(bytes, wanted)) {
        const answer = readAnswer(request, bytes.subarray(1, wanted - 2))
        return { kind: 'frame', bytes: wanted, frame: { request, answer } }
      } else if (look === NOISE) {
        look = BAD_CHECKSUM
      }
    }
    return look
  })
}

/** Finds requests to any unit: the device's side of the line, for the simulator and the tests. */
export const createRequestFramer = (): Framer<ModbusRequest> =>
  createFramer<ModbusRequest>(AROUND + REQUEST_BYTES, (bytes) => {
    const fc = bytes[1]
    if (fc !== undefined && (fc < 1 || fc > 5)) return NOISE
    const length = AROUND + REQUEST_BYTES
    if (bytes.length < length) return WAIT
    if (!isSealed(bytes, length)) return BAD_CHECKSUM
    const request = readRequest(bytes[0] as number, bytes.subarray(1, length - 2))
    return request ? { kind: 'frame', bytes: length, frame: request } : IMPLAUSIBLE
  })

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
