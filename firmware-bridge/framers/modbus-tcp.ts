import { createFramer, type Framer, IMPLAUSIBLE, NOISE, WAIT } from './framer.ts'
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
 * Modbus TCP: what modbus-pdu.ts says, behind a header (MBAP) and without a checksum.
 *
 * ```
 * 0  u16  transaction, given by who asks and said again in the answer
 * 2  u16  0, Modbus
 * 4  u16  bytes that follow: unit and request or answer, 2 … 254
 * 6  u8   unit
 * 7 …     request or answer
 * ```
 * Source: Modbus Messaging on TCP/IP Implementation Guide V1.0b §3.1.
 */
export type TcpRequest = { transaction: number; request: ModbusRequest }

const HEADER = 7
const MAX_FOLLOWING = 254
const MAX_BYTES = 6 + MAX_FOLLOWING

export const encodeTcpRequest = ({ transaction, request }: TcpRequest): Uint8Array =>
  headed(transaction, request.unit, requestPdu(request))

export const encodeTcpAnswer = ({ transaction, request }: TcpRequest, answer: ModbusAnswer): Uint8Array =>
  headed(transaction, request.unit, answerPdu(request, answer))

/** Finds the answer to one request. A late answer to another one is noise. */
export function createTcpAnswerFramer({ transaction, request }: TcpRequest): Framer<Answered> {
  const beginning = answerBeginning(request)
  return createFramer(MAX_BYTES, (bytes) => {
    const length = lengthOf(bytes)
    if (length === undefined) return NOISE
    if (bytes.length < length) return WAIT
    const pdu = bytes.subarray(HEADER, length)
    const isOurs = transactionOf(bytes) === transaction && bytes[6] === request.unit
    const isRefusal = pdu.length === REFUSAL_BYTES && pdu[0] === (request.fc | 0x80)
    const fits = pdu.length === answerBytes(request) && beginning.every((byte, at) => pdu[at] === byte)
    if (!isOurs || !(isRefusal || fits)) return { kind: 'skip', bytes: length, reason: 'noise' }
    return { kind: 'frame', bytes: length, frame: { request, answer: readAnswer(request, pdu) } }
  })
}

/** Finds requests to any unit: the device's side of the line, for the simulator and the tests. */
export const createTcpRequestFramer = (): Framer<TcpRequest> =>
  createFramer(HEADER + REQUEST_BYTES, (bytes) => {
    const length = lengthOf(bytes)
    if (length === undefined || (bytes.length >= 6 && length !== HEADER + REQUEST_BYTES)) return NOISE
    if (bytes.length < HEADER + REQUEST_BYTES) return WAIT
    const request = readRequest(bytes[6] as number, bytes.subarray(HEADER, length))
    if (!request) return IMPLAUSIBLE
    return { kind: 'frame', bytes: length, frame: { transaction: transactionOf(bytes), request } }
  })

function headed(transaction: number, unit: number, pdu: readonly number[]): Uint8Array {
  const following = pdu.length + 1
  return Uint8Array.of(
    transaction >> 8,
    transaction & 0xff,
    0,
    0,
    following >> 8,
    following & 0xff,
    unit,
    ...pdu,
  )
}

const transactionOf = (bytes: Uint8Array): number => ((bytes[0] as number) << 8) | (bytes[1] as number)

/** Of the whole message; undefined when this is no header. As far as the bytes reach: at least a header. */
function lengthOf(bytes: Uint8Array): number | undefined {
  if ((bytes[2] ?? 0) !== 0 || (bytes[3] ?? 0) !== 0) return undefined
  if (bytes.length < 6) return HEADER
  const following = ((bytes[4] as number) << 8) | (bytes[5] as number)
  return following < 2 || following > MAX_FOLLOWING ? undefined : 6 + following
}
