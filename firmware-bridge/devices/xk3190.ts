import { createXk3190Framer, encodeXk3190, type Xk3190Frame } from '../framers/xk3190.ts'
import type { LoadDefinition, LoadSample } from './definition.ts'
import { mapFramer } from './map-framer.ts'

/** The indicator's display is set to kg; three decimals show grams. */
const GRAMS_PER_KG = 1000
const DECIMALS = 3

const toSample = ({ digits, decimals }: Xk3190Frame): LoadSample => ({
  grams: Math.round((digits * GRAMS_PER_KG) / 10 ** decimals),
})

/** Yaohua XK3190 (A9, A12, A23p, A26 …) under a platform, sending its continuous format 0 in kg. */
export const xk3190: LoadDefinition = {
  kind: 'load',
  model: 'xk3190',
  title: { zh: '耀华 XK3190 称重仪表', en: 'Yaohua XK3190 weighing indicator' },
  line: { baudRate: 9600 },
  createFramer: () => mapFramer(createXk3190Framer(), toSample),
  encode: ({ grams }) => encodeXk3190({ digits: Math.round(grams), decimals: DECIMALS }),
  silentAfterMs: 5000,
}
