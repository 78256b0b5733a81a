import type { DeviceConfig, LinkConfig } from '#domain/config.ts'
import type { MetricId } from '#domain/metrics.ts'
import type { Command } from '#domain/topics.ts'
import type { Framer } from '../framers/framer.ts'
import type { Ask } from '../links/ask.ts'

/**
 * A device is data: one literal per model, made of the field builders in fields.ts, one line in index.ts.
 * The bridge decodes with it, the simulator encodes with the same one.
 */
export type DeviceDefinition = ModbusDefinition | StreamDefinition | UpsDefinition

type Common = {
  /** The name that a configuration gives: `model: louver-shield`. */
  model: string
  title: { zh: string; en: string }
}

/** How a serial device leaves the factory; the configuration's link settles what is used. */
type OnSerial = { line: { baudRate: number } }

/** A device that is reached by ffmpeg, over HTTP or in a folder, and by nothing else but a recording. */
export type Media = {
  vias: readonly LinkConfig['type'][]
  ask(config: DeviceConfig): Ask
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

export type ModbusDefinition = Common &
  OnSerial & {
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
export type LoadDefinition = Stream<LoadSample> &
  OnSerial & {
    kind: 'load'
    /** The same device, set as the installer's configuration says. */
    configured?(config: DeviceConfig): LoadDefinition
  }

/**
 * A picture without a time: the device has no clock. Degrees Celsius × 100, row by row from the top left;
 * `ambientCentiC` is `NO_AMBIENT` where it is not measured.
 */
export type ThermalSample = {
  ambientCentiC: number
  centiC: Int16Array
  /** Where the picture itself says it: one model comes with sensors of several sizes. */
  size?: { width: number; height: number }
}
export type ThermalDefinition = Stream<ThermalSample> & {
  kind: 'thermal'
  width: number
  height: number
  line?: OnSerial['line']
  media?: Media
  /** The least time between two pictures that are passed on; all are if it is left out. */
  everyMs?: number
  /** Where its temperatures come from: here, or from the camera, which assumes an emissivity of its own. */
  workedOut: 'here' | 'in the camera'
  /** It measures the temperature around it, which stands in for what the birds mirror. */
  measuresAmbient: boolean
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

/** A whole JPEG and its size in pixels. */
export type CameraSample = { jpeg: Uint8Array; width: number; height: number }
export type CameraDefinition = Stream<CameraSample> & {
  kind: 'camera'
  media: Media
  /** From one picture that is passed on to the next … */
  everyMs: number
  /** … and from one that is looked at to the next: whether the camera lives is known sooner. */
  stepMs: number
  configured(config: DeviceConfig, via: LinkConfig): CameraDefinition
}

/** One channel, full scale ±32768. */
export type SoundSample = { samples: Int16Array }
export type SoundDefinition = Stream<SoundSample> & {
  kind: 'sound'
  media: Media
  /** Samples a second. */
  rate: number
}

export type StreamDefinition = LoadDefinition | ThermalDefinition | CameraDefinition | SoundDefinition
/** What can be heard on a serial line. */
export type SerialDefinition = LoadDefinition | (ThermalDefinition & OnSerial)

/** Undefined for what hangs on a serial line or a bus. */
export function mediaOf(definition: DeviceDefinition): Media | undefined {
  return 'media' in definition ? definition.media : undefined
}
