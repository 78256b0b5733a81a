import { type AndFrame, createAndFramer, encodeAnd } from '../framers/and-ascii.ts'
import type { LoadDefinition, LoadSample } from './definition.ts'
import { toGrams } from './grams.ts'
import { loadDevice } from './load-device.ts'

function toSample(frame: AndFrame): LoadSample | undefined {
  if (frame.kind === 'overload') return { grams: undefined }
  if (frame.of === 'tare') return undefined
  return { grams: toGrams(frame.value, frame.unit), stable: frame.stable }
}

/** A&D indicators and balances in their standard format, set to send continuously ("stream mode"). */
export const and: LoadDefinition = loadDevice({
  model: 'and',
  title: { zh: 'A&D 称重仪表（标准格式）', en: 'A&D weighing indicator (standard format)' },
  line: { baudRate: 2400 },
  createFramer: createAndFramer,
  toSample,
  encode: ({ grams, stable = true }) =>
    encodeAnd({ kind: 'weight', of: 'gross', value: grams / 1000, unit: 'kg', stable }),
  overload: encodeAnd({ kind: 'overload' }),
})
