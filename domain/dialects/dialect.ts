import type { MetricId } from '../metrics.ts'

/** A value that an MQTT-native device said, before it is known to be plausible. `t` is absent where the device has no clock. */
export type Said = { metric: string; value: number; t?: number }

export type DialectResult =
  | { kind: 'values'; values: Said[] }
  /** Availability, discovery and the like: understood, but no measurement. */
  | { kind: 'status'; online?: boolean }
  | { kind: 'unreadable'; reason: 'not-json' | 'not-a-number' | 'unmapped' }

/** Which metric a device's own name stands for; metric = value × scale + offset. */
export type Meaning = { metric: string; scale?: number; offset?: number }

/** The installer's map: the device's own names → metrics, with a scale where its unit is not ours. */
export type NameMap = Readonly<Record<string, string | Meaning>>

/** How one MQTT-native device is read: everything under `baseTopic` belongs to it. */
export type Dialect = {
  /** The names that this dialect's devices commonly use, so that most need no map. */
  commonNames: Readonly<Record<string, MetricId>>
  /** Topic filter under which the device publishes. */
  filter(baseTopic: string): string
  decode(baseTopic: string, map: NameMap, topic: string, payload: Uint8Array): DialectResult
  /** The same device's message, for the simulator. */
  encode(baseTopic: string, name: string, value: number): { topic: string; payload: string }
}

/** What a device's own name means; the installer's map goes before the common names. */
export function meaningOf(
  name: string,
  map: NameMap,
  commonNames: Dialect['commonNames'],
): Meaning | undefined {
  const named = Object.hasOwn(map, name)
    ? map[name]
    : Object.hasOwn(commonNames, name)
      ? commonNames[name]
      : undefined
  return typeof named === 'string' ? { metric: named } : named
}

export function sayAs({ metric, scale = 1, offset = 0 }: Meaning, value: number, t?: number): Said {
  return { metric, value: value * scale + offset, ...(t !== undefined && { t }) }
}
