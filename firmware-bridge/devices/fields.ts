import type { MetricId } from '#domain/metrics.ts'
import type { Field, ModbusDefinition, Span, Table } from './definition.ts'

/** Cheap sensors say these for "no probe" or "fault"; −0.1 °C as int16 tenths is given up for it. */
const faultWords = new Set([0x7fff, 0x8000, 0xffff])
const FAULT = 0x7fff

type WordOptions = {
  metric: MetricId
  address: number
  /** Raw units in one unit of the metric: 10 where the register holds tenths. */
  perUnit?: number
  table?: 'holding' | 'input'
}

/** An unsigned 16-bit register. */
export const uint16 = (name: string, options: WordOptions): Field => word(name, options, 0, 0xffff)

/** A two's-complement 16-bit register. */
export const int16 = (name: string, options: WordOptions): Field => word(name, options, -0x8000, 0x7fff)

function word(name: string, options: WordOptions, min: number, max: number): Field {
  const { metric, address, perUnit = 1, table = 'holding' } = options
  return {
    name,
    metric,
    table,
    address,
    words: 1,
    decode([raw]) {
      if (raw === undefined || faultWords.has(raw)) return undefined
      return (min < 0 && raw > max ? raw - 0x10000 : raw) / perUnit
    },
    encode(value) {
      if (value === undefined) return [FAULT]
      return [Math.min(max, Math.max(min, Math.round(value * perUnit))) & 0xffff]
    },
  }
}

/** A relay (`coil`) or a contact (`discrete`): 1 is on. Bits have no fault code. */
export const bit = (
  name: string,
  options: { metric: MetricId; table: 'coil' | 'discrete'; address: number },
): Field => ({
  name,
  ...options,
  words: 1,
  decode: ([raw]) => raw,
  encode: (value) => [value ? 1 : 0],
})

type ModbusOptions = Pick<ModbusDefinition, 'model' | 'title' | 'line' | 'fields'> &
  Partial<Pick<ModbusDefinition, 'outputs' | 'reads'>>

/** A Modbus device; unless it says otherwise, each of its tables is read in one request. */
export function modbusDevice({ outputs = {}, reads, ...rest }: ModbusOptions): ModbusDefinition {
  return { kind: 'modbus', ...rest, outputs, reads: reads ?? spansOf(rest.fields) }
}

function spansOf(fields: readonly Field[]): Span[] {
  const byTable = new Map<Table, Span>()
  for (const { table, address, words } of fields) {
    const span = byTable.get(table)
    const first = Math.min(span?.address ?? address, address)
    const end = Math.max(span ? span.address + span.count : 0, address + words)
    byTable.set(table, { table, address: first, count: end - first })
  }
  return [...byTable.values()]
}
