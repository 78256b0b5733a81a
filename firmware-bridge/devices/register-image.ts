import type { ModbusAnswer, ModbusRequest } from '../framers/modbus-pdu.ts'
import type { Field, ModbusDefinition, Span, Table } from './definition.ts'

/** What a Modbus device holds: by table, address → bit or word. Addresses that are not there hold 0. */
export type RegisterImage = Readonly<Record<Table, Map<number, number>>>

/** Values by field name; undefined makes the sensor signal a fault, a missing name leaves what was there. */
export type FieldValues = Readonly<Record<string, number | undefined>>

export const emptyImage = (): RegisterImage => ({
  coil: new Map(),
  discrete: new Map(),
  holding: new Map(),
  input: new Map(),
})

/** Puts values into a device's registers, as its firmware would. */
export function writeImage(image: RegisterImage, definition: ModbusDefinition, values: FieldValues): void {
  for (const field of definition.fields) {
    if (!Object.hasOwn(values, field.name)) continue
    for (const [index, word] of field.encode(values[field.name]).entries()) {
      image[field.table].set(field.address + index, word)
    }
  }
}

export const tableOfFc = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' } as const
export const fcOfTable = { coil: 1, discrete: 2, holding: 3, input: 4 } as const

/** Answers as the device would, and switches the coil that a write names. Out of its range: exception 2. */
export function answerFrom(
  image: RegisterImage,
  definition: ModbusDefinition,
  request: ModbusRequest,
): ModbusAnswer {
  const table = request.fc === 5 ? 'coil' : tableOfFc[request.fc]
  const count = request.fc === 5 ? 1 : request.count
  const known = definition.reads.some(
    (span) =>
      span.table === table &&
      span.address <= request.address &&
      request.address + count <= span.address + span.count,
  )
  if (!known) return { kind: 'exception', code: 2 }
  if (request.fc === 5) {
    image.coil.set(request.address, request.on ? 1 : 0)
    return { kind: 'written' }
  }
  const values = Array.from({ length: count }, (_, index) => image[table].get(request.address + index) ?? 0)
  return { kind: 'values', values }
}

/** What the words of one read say, field by field; undefined is a fault of the sensor. */
export function decodeSpan(
  definition: ModbusDefinition,
  span: Span,
  words: readonly number[],
): { field: Field; value: number | undefined }[] {
  return definition.fields
    .filter(
      ({ table, address, words: size }) =>
        table === span.table && address >= span.address && address + size <= span.address + words.length,
    )
    .map((field) => {
      const at = field.address - span.address
      return { field, value: field.decode(words.slice(at, at + field.words)) }
    })
}
