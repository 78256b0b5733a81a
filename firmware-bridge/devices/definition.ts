import type { DeviceConfig } from '#domain/config.ts'
import type { MetricId } from '#domain/metrics.ts'
import type { Command } from '#domain/topics.ts'
import type { Framer } from '../framers/framer.ts'

/**
 * A device is data: one literal per model, made of the field builders in fields.ts, one line in index.ts.
 * The bridge decodes with it, the simulator encodes with the same one.
 */
export type DeviceDefinition = ModbusDefinition | LoadDefinition | ThermalDefinition | UpsDefinition

type Common = {
  /** The name that a configuration gives: `model: louver-shield`. */
  model: string
  title: { zh: string; en: string }
  /** How the device leaves the factory; the configuration's link settles what is used. */
  line: { baudRate: number }
}

/** Modbus data tables. Bits are read by FC01/FC02, 16-bit words by FC03/FC04. */
export const tables = ['coil', 'discrete', 'holding', 'input'] as const
export type Table = (typeof tables)[number]

/** A measured value in a register or bit: `words` 16-bit words (or one bit) from `address` on, zero-based. */
export type Field = {
  /** The name by which the configuration's `metrics` can point it at another metric. */
  name: string
  metric: MetricId
  table: Table
  address: number
  words: number
  /** The smallest difference that it can say, in the metric's unit; 0 for floating point. */
  step: number
  /** The value in the metric's unit, undefined where the sensor signals a fault. */
  decode(words: readonly number[]): number | undefined
  /** Undefined encodes the sensor's fault code; no words where it has none. */
  encode(value: number | undefined): number[]
}

/** One read request: `count` words or bits from `address` on. */
export type Span = { table: Table; address: number; count: number }

export type ModbusDefinition = Common & {
  kind: 'modbus'
  fields: readonly Field[]
  reads: readonly Span[]
  /** Coils that a command switches, by FC05. */
  outputs: Readonly<Partial<Record<Command['output'], { coil: number }>>>
}

/** A device that sends without being asked. */
type Stream<Sample> = Common & {
  createFramer(): Framer<Sample>
  /** The bytes the device sends for one sample; for its first one, what belongs before it too. */
  encode(sample: Sample): Uint8Array
  /** A line without a byte for this long is closed and opened anew. */
  silentAfterMs: number
}

/**
 * What a scale shows: grams, tare and litter included; undefined while it can show no weight (overload).
 * `stable` is the indicator's own opinion, where it has one.
 */
export type LoadSample = { grams: number | undefined; stable?: boolean }
export type LoadDefinition = Stream<LoadSample> & {
  kind: 'load'
  /** The same device, set as the installer's configuration says. */
  configured?(config: DeviceConfig): LoadDefinition
}

/** A picture without a time: the device has no clock. Degrees Celsius × 100, row by row from the top left. */
export type ThermalSample = { ambientCentiC: number; centiC: Int16Array }
export type ThermalDefinition = Stream<ThermalSample> & {
  kind: 'thermal'
  width: number
  height: number
  configured?(config: DeviceConfig): ThermalDefinition
}

/** A UPS that a NUT server speaks for: what each of NUT's variables means. */
export type UpsDefinition = Pick<Common, 'model' | 'title'> & {
  kind: 'ups'
  fields: readonly {
    name: string
    metric: MetricId
    variable: string
    /** Undefined or no number where the text says nothing of the metric. */
    decode(text: string): number | undefined
  }[]
  /** What is wrong with it by its `ups.status`, for the installer. */
  troubleOf(status: string): string | undefined
}

export type StreamDefinition = LoadDefinition | ThermalDefinition
