import type { MetricId } from '../metrics.ts'

/** A value that an MQTT-native device said, before it is known to be plausible. `t` is absent where the device has no clock. */
export type Said = { metric: string; value: number; t?: number }

export type DialectResult =
  | { kind: 'values'; values: Said[] }
  /** Availability, discovery and the like: understood, but no measurement. */
  | { kind: 'status'; online?: boolean }
  | { kind: 'unreadable'; reason: 'not-json' | 'not-a-number' | 'unmapped' }

/**
 * How one MQTT-native device is read: everything under `baseTopic` belongs to it.
 * `map` says which of its own names is which metric; `scale` turns its unit into ours.
 */
export type Dialect = {
  /** The names that this dialect's devices commonly use, so that most need no map. */
  commonNames: Readonly<Record<string, MetricId>>
  /** Topic filter under which the device publishes. */
  filter(baseTopic: string): string
  decode(
    baseTopic: string,
    map: Readonly<Record<string, string>>,
    topic: string,
    payload: Uint8Array,
  ): DialectResult
  /** The same device's message, for the simulator. */
  encode(baseTopic: string, name: string, value: number): { topic: string; payload: string }
}

/** The metric that a device's own name stands for; the installer's map goes before the common names. */
export function metricNamed(
  name: string,
  map: Readonly<Record<string, string>>,
  commonNames: Dialect['commonNames'],
): string | undefined {
  if (Object.hasOwn(map, name)) return map[name]
  return Object.hasOwn(commonNames, name) ? commonNames[name] : undefined
}
