import type { Framer } from '../framers/framer.ts'
import type { LoadDefinition, LoadSample } from './definition.ts'
import { mapFramer } from './map-framer.ts'

/** The slowest indicators send every second. */
const SILENT_AFTER_MS = 5000

type LoadOptions<Frame> = Pick<LoadDefinition, 'model' | 'title' | 'line' | 'configured'> & {
  createFramer(): Framer<Frame>
  /** Undefined for a frame that says nothing of the load, e.g. the tare. */
  toSample(frame: Frame): LoadSample | undefined
  encode(sample: LoadSample & { grams: number }): Uint8Array
  /** How it says that it can show no weight, where it can say that. */
  overload?: Uint8Array
}

/** A scale that sends by itself. One that cannot say "overload" falls silent instead. */
export function loadDevice<Frame>(options: LoadOptions<Frame>): LoadDefinition {
  const { createFramer, toSample, encode, overload = new Uint8Array(0), ...rest } = options
  return {
    kind: 'load',
    ...rest,
    createFramer: () => mapFramer(createFramer(), toSample),
    encode: ({ grams, ...sample }) => (grams === undefined ? overload : encode({ grams, ...sample })),
    silentAfterMs: SILENT_AFTER_MS,
  }
}
