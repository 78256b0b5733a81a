import type { Framer } from '../framers/framer.ts'
import { createXk3190Framer, encodeXk3190, type Xk3190Frame } from '../framers/xk3190.ts'
import { createXk3190A12Framer, encodeXk3190A12, type Xk3190A12Frame } from '../framers/xk3190-a12.ts'
import { createXk3190EqualsFramer, type EqualsFormat, encodeXk3190Equals } from '../framers/xk3190-equals.ts'
import type { LoadDefinition, LoadSample } from './definition.ts'
import { toGrams } from './grams.ts'
import { loadDevice } from './load-device.ts'

const title = (format: string) => ({
  zh: `耀华 XK3190 称重仪表（${format}）`,
  en: `Yaohua XK3190 weighing indicator (${format})`,
})
const line = { baudRate: 9600 }

/** The indicator's display is set to kg; three decimals show grams. */
const toSample = ({ digits, decimals }: Xk3190Frame): LoadSample => ({
  grams: toGrams(digits / 10 ** decimals, 'kg'),
})
const toFrame = (grams: number): Xk3190Frame => ({ digits: Math.round(grams), decimals: 3 })

/** Yaohua XK3190 (A9, A23p, A26 …) under a platform, sending its continuous format 0 in kg. */
export const xk3190: LoadDefinition = loadDevice({
  model: 'xk3190',
  title: title('Tf=0'),
  line,
  createFramer: createXk3190Framer,
  toSample,
  encode: ({ grams }) => encodeXk3190(toFrame(grams)),
})

const equals = (format: EqualsFormat): LoadDefinition =>
  loadDevice({
    model: `xk3190-f${format}`,
    title: title(`Tf=${format}`),
    line,
    createFramer: (): Framer<Xk3190Frame> => createXk3190EqualsFramer(format),
    toSample,
    encode: ({ grams }) => encodeXk3190Equals(toFrame(grams), format),
  })

/** The same indicators, sending their formats 1 and 2 in kg. */
export const xk3190f1 = equals(1)
export const xk3190f2 = equals(2)

/** XK3190-A12 and A12E, which send their unit with each value. */
export const xk3190a12: LoadDefinition = loadDevice({
  model: 'xk3190-a12',
  title: title('A12'),
  line,
  createFramer: createXk3190A12Framer,
  toSample: ({ of, value, unit }: Xk3190A12Frame) =>
    of === 'tare' ? undefined : { grams: toGrams(value, unit) },
  encode: ({ grams }) => encodeXk3190A12({ of: 'gross', value: grams / 1000, unit: 'kg' }),
})
