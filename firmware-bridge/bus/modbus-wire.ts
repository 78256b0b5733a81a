import type { Framer } from '../framers/framer.ts'
import type { Answered, ModbusRequest } from '../framers/modbus-pdu.ts'
import { createAnswerFramer, encodeRequest } from '../framers/modbus-rtu.ts'
import { createTcpAnswerFramer, encodeTcpRequest } from '../framers/modbus-tcp.ts'

/** How questions stand on a line: as bytes to send, and what finds the answer. */
export type ModbusWire = {
  begin(request: ModbusRequest): { bytes: Uint8Array; framer: Framer<Answered> }
  /** Cheap sensors on a serial bus miss a request that follows the last byte on the line more closely. */
  turnaroundMs: number
}

export const rtuWire: ModbusWire = {
  begin: (request) => ({ bytes: encodeRequest(request), framer: createAnswerFramer([request]) }),
  turnaroundMs: 50,
}

/** Every question has a number of its own, so that no late answer passes for the next one's. */
export function createTcpWire(): ModbusWire {
  let last = 0
  return {
    begin(request) {
      last = (last % 0xffff) + 1
      const asked = { transaction: last, request }
      return { bytes: encodeTcpRequest(asked), framer: createTcpAnswerFramer(asked) }
    },
    turnaroundMs: 0,
  }
}
